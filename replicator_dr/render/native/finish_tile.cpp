// The large triangles of one image over one tile of TILE x TILE pixels, a pixel a thread, and then what each pixel shows.
// The body of tiles.finish_tile.
//
// The threads of a block first look, a triangle each, which reach the tile at all, and then walk those together; each
// keeps its own pixel's samples in registers, so that nothing is written twice and nothing needs to be atomic.
#if defined(__CUDA_ARCH__)
constexpr int TILE = 16, THREADS = TILE * TILE;
constexpr int SAMPLE_X[4] = {0, 104, -76, -28}, SAMPLE_Y[4] = {0, 28, 76, -104};
constexpr int EACH = 4;  // triangles that a thread looks at
__shared__ int listed[THREADS * EACH];
__shared__ int count;
const int width = images.width, columns = (images.width + TILE - 1) / TILE;
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
const int held = queue.triangles.shape[1];
const int length = queue.length.data[image] < held ? queue.length.data[image] : held;
const auto* entries = queue.triangles.data + (long long)image * held;
const int2* boxes = (const int2*)(queue.boxes.data + (long long)image * held);
for (int base = 0; base < length; base += THREADS * EACH) {
    if (thread == 0) count = 0;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < EACH; ++i) {
        const int number = base + i * THREADS + thread;
        const int2 box = number < length ? boxes[number] : make_int2(0xFFFF, 0);
        if ((box.x & 0xFFFF) >= left + TILE || (box.x >> 16) < left || (box.y & 0xFFFF) >= top + TILE || (box.y >> 16) < top)
            continue;
        const auto& t = entries[number];
        // In 1/256 pixel; no sample lies farther than a pixel from the tile.
        const int x0 = (left - 1) * 256, x1 = (left + TILE + 1) * 256, y0 = (top - 1) * 256, y1 = (top + TILE + 1) * 256;
        bool meets = true;
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
        if (meets) listed[atomicAdd(&count, 1)] = number | crossed << 28;
    }
    __syncthreads();
    const int found = count;
    for (int k = 0; here && k < found; ++k) {
        const auto& t = entries[listed[k] & 0xFFFFFFF];
        const int2 box = boxes[listed[k] & 0xFFFFFFF];
        const int crossed = listed[k] >> 28, x0 = box.x & 0xFFFF;
        if (x < x0 || x > box.x >> 16) continue;
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
            if (kept[i] < key) kept[i] = key;
            if (i == 0 && t.entity >= 0) bits[t.entity >> 6] |= 1ll << (t.entity & 63);
        }
    }
    __syncthreads();
}
constexpr int MIXED = -2;  // shade_10_rows.cpp
const long long at = (long long)y * width + x;
const bool mixed = here && (((kept[0] ^ kept[1]) | (kept[0] ^ kept[2]) | (kept[0] ^ kept[3])) & 0xFFFFFFFFll) != 0;
if (here) {
    const int triangle = (int)(kept[0] & 0xFFFFFFFFll) - 1, height = images.bottom;
    const long long of_frame = (long long)frame * height * width + at;
    pixels.depth.data[of_frame] = triangle < 0 ? (float)INFINITY : 1.0f / __int_as_float((int)(kept[0] >> 32));
    pixels.part.data[of_frame] = triangle < 0 ? -1 : geometry.triangle_part.data[triangle];
    pixels.surface.data[(long long)image * height * width + at] = mixed ? MIXED : triangle;
}
// Two samples show one surface if they are on one triangle, or on triangles of one part whose depths differ by less than
// 1 % and whose normals by less than 25 degrees. As in shade_10_rows.cpp.
int share[4] = {0, 0, 0, 0}, surfaces = 0;
if (mixed) {
    int shown[4], part[4];
    float inverse[4], turn_x[4], turn_y[4], turn_z[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        shown[i] = (int)(kept[i] & 0xFFFFFFFFll) - 1;
        inverse[i] = __int_as_float((int)(kept[i] >> 32));
        part[i] = shown[i] < 0 ? -1 : geometry.triangle_part.data[shown[i]];
        const int packed = shown[i] < 0 ? 0 : geometry.facing.data[shown[i] + geometry.face_shift.data[part[i]]];
        turn_x[i] = (float)((packed & 1023) - 512);
        turn_y[i] = (float)(((packed >> 10) & 1023) - 512);
        turn_z[i] = (float)((packed >> 20) - 512);
        share[i] = 1;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        if (share[i] == 0) continue;
        ++surfaces;
#pragma unroll
        for (int j = i + 1; j < 4; ++j) {
            const float cosine = turn_x[i] * turn_x[j] + turn_y[i] * turn_y[j] + turn_z[i] * turn_z[j];
            const bool alike = shown[i] == shown[j]
                || (part[i] == part[j] && fabsf(inverse[i] - inverse[j]) * 100.0f <= inverse[i] && cosine > 0.9f * 511.0f * 511.0f);
            if (!alike || share[j] == 0) continue;
            ++share[i];
            share[j] = 0;
            kept[j] = 0;  // where its light would wait
        }
    }
}
// A place in the list: first among the tile's, then the tile's among all.
__shared__ int taken, begin;
if (thread == 0) taken = 0;
__syncthreads();
int slot = mixed ? atomicAdd(&taken, surfaces) : 0;
__syncthreads();
if (thread == 0 && taken > 0) begin = atomicAdd(pixels.mixed_length.data + image, taken);
__syncthreads();
if (mixed) {
    int* listed_of = pixels.mixed.data + (long long)image * pixels.mixed.shape[1] + begin;
#pragma unroll
    for (int i = 0; i < 4; ++i)
        if (share[i] != 0) listed_of[slot++] = (int)at << 4 | i << 2 | (share[i] - 1);
    ((longlong2*)keys)[0] = make_longlong2(kept[0], kept[1]);
    ((longlong2*)keys)[1] = make_longlong2(kept[2], kept[3]);
}
#endif
