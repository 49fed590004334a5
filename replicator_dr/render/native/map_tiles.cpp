// The large triangles of one depth map over one tile of TILE x TILE texels, a texel a thread. The body of
// shadow.draw_tile; see raster_tiles.cpp.
#if defined(__CUDA_ARCH__)
constexpr int TILE = 16, THREADS = TILE * TILE;
__shared__ int listed[THREADS];
__shared__ int count;
const int columns = side / TILE, left = tile % columns * TILE, top = tile / columns * TILE;
const int map_row = image * maps.shape[1] + s;
const float x = left + thread % TILE + 0.5f, y = top + thread / TILE + 0.5f;
float* texel = maps.data + ((long long)map_row * maps.shape[2] + (int)y) * maps.shape[3] + (int)x;
float best = *texel;
const int held = queue.shape[2], length = queue_length.data[map_row] < held ? queue_length.data[map_row] : held;
const auto* entries = queue.data + (long long)map_row * held;
for (int base = 0; base < length; base += THREADS) {
    if (thread == 0) count = 0;
    __syncthreads();
    if (base + thread < length) {
        const auto& t = entries[base + thread];
        const float x0 = fminf(t.a[0], fminf(t.b[0], t.c[0])), x1 = fmaxf(t.a[0], fmaxf(t.b[0], t.c[0]));
        const float y0 = fminf(t.a[1], fminf(t.b[1], t.c[1])), y1 = fmaxf(t.a[1], fmaxf(t.b[1], t.c[1]));
        if (x0 <= left + TILE && x1 >= left && y0 <= top + TILE && y1 >= top) listed[atomicAdd(&count, 1)] = base + thread;
    }
    __syncthreads();
    const int found = count;
    for (int k = 0; k < found; ++k) {
        const auto& t = entries[listed[k]];
        const float ax = t.a[0], ay = t.a[1], bx = t.b[0], by = t.b[1], cx = t.c[0], cy = t.c[1];
        const float inverse = 1.0f / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
        const float u = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) * inverse;
        const float v = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) * inverse;
        if (u < 0.0f || v < 0.0f || u + v > 1.0f) continue;
        best = fmaxf(best, t.c[2] + u * (t.a[2] - t.c[2]) + v * (t.b[2] - t.c[2]));
    }
    __syncthreads();
}
if (best > *texel) *texel = best;
#endif
