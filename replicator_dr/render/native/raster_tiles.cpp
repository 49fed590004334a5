// The large triangles of one image over one tile of TILE x TILE pixels, a pixel a thread. The body of tiles.cover_tile.
//
// The threads of a block first look, a triangle each, which reach the tile at all, and then walk those together; each
// keeps its own pixel's samples in registers, so that nothing is written twice and nothing needs to be atomic.
#if defined(__CUDA_ARCH__)
constexpr int TILE = 16, THREADS = TILE * TILE;
constexpr int SAMPLE_X[4] = {0, 104, -76, -28}, SAMPLE_Y[4] = {0, 28, 76, -104};
__shared__ int listed[THREADS];
__shared__ int count;
const int columns = (images.width + TILE - 1) / TILE;
const int left = tile % columns * TILE, top = tile / columns * TILE;
const int x = left + thread % TILE, y = top + thread / TILE;
const bool here = x < images.width && y < images.bottom;
wp::int64* keys = images.keys.data + (long long)image * images.keys.shape[1] + ((long long)y * images.width + x) * 4;
wp::int64* bits = images.bits.data + (long long)image * images.bits.shape[1]
    + ((long long)y * images.width + x) * images.words;
wp::int64 kept[4] = {0, 0, 0, 0};
if (here) {  // two loads of 16 bytes
    const longlong2 first = ((const longlong2*)keys)[0], second = ((const longlong2*)keys)[1];
    kept[0] = first.x;
    kept[1] = first.y;
    kept[2] = second.x;
    kept[3] = second.y;
}
bool changed = false;
const int held = queue.shape[1], length = queue_length.data[image] < held ? queue_length.data[image] : held;
const auto* entries = queue.data + (long long)image * held;
for (int base = 0; base < length; base += THREADS) {
    if (thread == 0) count = 0;
    __syncthreads();
    if (base + thread < length) {
        const auto& t = entries[base + thread];
        const auto least = [](int a, int b, int c) { return min(a, min(b, c)); };
        const auto most = [](int a, int b, int c) { return max(a, max(b, c)); };
        // In 1/256 pixel; no sample lies farther than a pixel from the tile.
        const int x0 = (left - 1) * 256, x1 = (left + TILE + 1) * 256, y0 = (top - 1) * 256, y1 = (top + TILE + 1) * 256;
        bool meets = least(t.p[0], t.q[0], t.s[0]) <= x1 && most(t.p[0], t.q[0], t.s[0]) >= x0
            && least(t.p[1], t.q[1], t.s[1]) <= y1 && most(t.p[1], t.q[1], t.s[1]) >= y0;
        // The corners of the tile that lie farthest inside and outside each edge: edges that no corner is outside of
        // need no look at the pixels.
        int crossed = 0;
        const auto look = [&](int k, const wp::vec2i& p, const wp::vec2i& q) {
            const long long a = p[1] - q[1], b = q[0] - p[0];
            if (a * ((a > 0 ? x1 : x0) - p[0]) + b * ((b > 0 ? y1 : y0) - p[1]) < 0) meets = false;
            if (a * ((a > 0 ? x0 : x1) - p[0]) + b * ((b > 0 ? y0 : y1) - p[1]) <= 0) crossed |= 1 << k;
        };
        look(0, t.p, t.q);
        look(1, t.q, t.s);
        look(2, t.s, t.p);
        if (meets) listed[atomicAdd(&count, 1)] = (base + thread) | crossed << 28;
    }
    __syncthreads();
    const int found = count;
    for (int k = 0; here && k < found; ++k) {
        const auto& t = entries[listed[k] & 0xFFFFFFF];
        const int crossed = listed[k] >> 28, x0 = t.first_column;
        if (x < x0 || x > t.last_column) continue;
        int covered = 15;
        const auto test = [&](const wp::vec2i& p, const wp::vec2i& q) {
            const long long a = p[1] - q[1], b = q[0] - p[0];
            const int owner = a > 0 || (a == 0 && b > 0) ? 0 : 1;
            const long long c = a * (x * 256 + 128 - p[0]) + b * (y * 256 + 128 - p[1]) - owner;
            for (int i = 0; i < 4; ++i)
                if (c + a * SAMPLE_X[i] + b * SAMPLE_Y[i] < 0) covered &= ~(1 << i);
        };
        if (crossed & 1) test(t.p, t.q);
        if (crossed & 2) test(t.q, t.s);
        if (crossed & 4) test(t.s, t.p);
        if (covered == 0) continue;
        // As in cover_rows.cpp, so that the same triangle has the same depth everywhere.
        const float gx = t.plane[0] / view.focal[0], gy = t.plane[1] / view.focal[1];
        const float u = (x0 + 0.5f - view.centre[0]) / view.focal[0], v = (y + 0.5f - view.centre[1]) / view.focal[1];
        const float inverse = t.plane[0] * u + t.plane[1] * v + t.plane[2];
        const float iz = inverse + gx * (float)(x - x0);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            if (((covered >> i) & 1) == 0) continue;
            const float shift = gx * (SAMPLE_X[i] / 256.0f) + gy * (SAMPLE_Y[i] / 256.0f), z = iz + shift;
            const wp::int64 key = ((wp::int64)__float_as_int(z < t.low ? t.low : (z > t.high ? t.high : z)) << 32)
                | (wp::int64)(t.triangle + 1);
            if (kept[i] < key) {
                kept[i] = key;
                changed = true;
            }
            if (i == 0 && t.entity >= 0) bits[t.entity >> 6] |= 1ll << (t.entity & 63);
        }
    }
    __syncthreads();
}
if (changed) {
    ((longlong2*)keys)[0] = make_longlong2(kept[0], kept[1]);
    ((longlong2*)keys)[1] = make_longlong2(kept[2], kept[3]);
}
#endif
