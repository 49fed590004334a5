// The greatest nearness within ``reach`` cells of cells begin to end - 1 of a row. The body of shadow.widen_cells.
const int pitch = coarse.shape[3];
const float* source = coarse.data + (long long)(image * coarse.shape[1] + s) * coarse.shape[2] * pitch;
float* target = wide.data + ((long long)(image * wide.shape[1] + s) * wide.shape[2] + row) * wide.shape[3];
const int above = row - reach > 0 ? row - reach : 0, below = row + reach < cells - 1 ? row + reach : cells - 1;
#if defined(__CUDA_ARCH__)
for (int i = begin; i < end; ++i) {
    const int left = i - reach > 0 ? i - reach : 0, right = i + reach < cells - 1 ? i + reach : cells - 1;
    float best = 0.0f;
    for (int y = above; y <= below; ++y)
        for (int x = left; x <= right; ++x) best = wp::max(best, source[y * pitch + x]);
    target[i] = best;
}
#else
float column[512];
for (int x = 0; x < cells; ++x) column[x] = source[above * pitch + x];
for (int y = above + 1; y <= below; ++y)
    for (int x = 0; x < cells; ++x) {
        const float v = source[y * pitch + x];
        column[x] = column[x] > v ? column[x] : v;
    }
for (int i = begin; i < end; ++i) target[i] = column[i];
for (int shift = -reach; shift <= reach; ++shift) {
    const int from = begin > -shift ? begin : -shift, to = end < cells - shift ? end : cells - shift;
    for (int i = from; i < to; ++i) target[i] = target[i] > column[i + shift] ? target[i] : column[i + shift];
}
#endif
