// The greatest nearness of cells begin to end - 1 of a row of cells. The body of shadow.coarsen_cells.
const int pitch = maps.shape[3];
const float* source = maps.data + ((long long)(image * maps.shape[1] + s) * maps.shape[2] + row * cell) * pitch;
float* target = coarse.data + ((long long)(image * coarse.shape[1] + s) * coarse.shape[2] + row) * coarse.shape[3];
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 4;  // one cell
#else
constexpr int ROOM = 512;
#endif
float column[ROOM];
for (int start = begin; start < end; start += ROOM / cell) {
    const int last = start + ROOM / cell < end ? start + ROOM / cell : end, count = (last - start) * cell;
    for (int x = 0; x < count; ++x) column[x] = source[start * cell + x];
    for (int y = 1; y < cell; ++y)
        for (int x = 0; x < count; ++x) {
            const float v = source[y * pitch + start * cell + x];
            column[x] = column[x] > v ? column[x] : v;
        }
    for (int i = start; i < last; ++i) {
        float best = column[(i - start) * cell];
        for (int k = 1; k < cell; ++k) {
            const float v = column[(i - start) * cell + k];
            best = best > v ? best : v;
        }
        target[i] = best;
    }
}
