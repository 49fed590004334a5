// The large triangles of one depth map over one tile of TILE x TILE texels, EACH texels of a column a thread. The body of
// shadow.draw_tile; see finish_tile.cpp.
#if defined(__CUDA_ARCH__)
constexpr int TILE = 32, THREADS = 256, ROWS = THREADS / TILE, EACH = TILE / ROWS;
__shared__ int listed[THREADS];
__shared__ int count;
const int columns = side / TILE, left = tile % columns * TILE, top = tile / columns * TILE;
const int map_row = image * maps.shape[1] + s;
const int column = left + thread % TILE, row = top + thread / TILE;
const int pitch = maps.shape[3];
float* texel = maps.data + ((long long)map_row * maps.shape[2] + row) * pitch + column;
float best[EACH];
for (int i = 0; i < EACH; ++i) best[i] = texel[i * ROWS * pitch];
const int held = queue.shape[2], length = queue_length.data[map_row] < held ? queue_length.data[map_row] : held;
const auto* entries = queue.data + (long long)map_row * held;
for (int base = 0; base < length; base += THREADS) {
    if (thread == 0) count = 0;
    __syncthreads();
    if (base + thread < length) {
        const auto& t = entries[base + thread];
        const float x0 = fminf(t.a[0], fminf(t.b[0], t.c[0])), x1 = fmaxf(t.a[0], fmaxf(t.b[0], t.c[0]));
        const float y0 = fminf(t.a[1], fminf(t.b[1], t.c[1])), y1 = fmaxf(t.a[1], fmaxf(t.b[1], t.c[1]));
        if (x0 <= left + TILE && x1 >= left && y0 <= top + TILE && y1 >= top)
            listed[atomicAdd(&count, 1)] = base + thread;
    }
    __syncthreads();
    const int found = count;
    for (int k = 0; k < found; ++k) {
        const auto& t = entries[listed[k]];
        const float ax = t.a[0], ay = t.a[1], bx = t.b[0], by = t.b[1], cx = t.c[0], cy = t.c[1];
        const float inverse = 1.0f / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
        const float x = column + 0.5f - cx;
        for (int i = 0; i < EACH; ++i) {
            const float y = row + i * ROWS + 0.5f - cy;
            const float u = ((by - cy) * x + (cx - bx) * y) * inverse, v = ((cy - ay) * x + (ax - cx) * y) * inverse;
            if (u >= 0.0f && v >= 0.0f && u + v <= 1.0f)
                best[i] = fmaxf(best[i], t.c[2] + u * (t.a[2] - t.c[2]) + v * (t.b[2] - t.c[2]));
        }
    }
    __syncthreads();
}
for (int i = 0; i < EACH; ++i) texel[i * ROWS * pitch] = best[i];
#endif
