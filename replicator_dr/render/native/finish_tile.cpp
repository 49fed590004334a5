// The large triangles of one image over one tile of TILE x TILE pixels, a pixel a thread, and then what each pixel shows.
// The body of tiles.finish_tile.
//
// The threads of a block first look, a triangle each, which reach the tile at all. These are then set up side by side,
// STAGED at a time, and walked together; each thread keeps its own pixel's samples in registers, so that nothing is
// written twice and nothing needs to be atomic.
#if defined(__CUDA_ARCH__)
constexpr int TILE = 16, THREADS = TILE * TILE;
constexpr int SAMPLE_X[4] = {0, 104, -76, -28}, SAMPLE_Y[4] = {0, 28, 76, -104};
constexpr int EACH = 4;  // triangles that a thread looks at
constexpr int STAGED = 64;
__shared__ int listed[THREADS * EACH];
__shared__ int count;
// Of each that is set up: its edges a x + b y + c, in 1/256 pixel from the centre of the tile's first pixel on, inside
// where they are >= 0 (0 everywhere for those that do not cross the tile); 1/z on the image, by how much it differs at
// the other samples of a pixel, and what it is clamped to. Edges of a size whose values need more than 32 bits are LONG.
__shared__ long long long_c[3][STAGED];
__shared__ int edge_a[3][STAGED], edge_b[3][STAGED], edge_c[3][STAGED], is_long[STAGED];
__shared__ int columns_of[STAGED], rows_of[STAGED], mark_of[STAGED], entity_of[STAGED];
__shared__ float step_x[STAGED], first_term[STAGED], row_term[STAGED], last_term[STAGED], shift_of[3][STAGED];
__shared__ float low_of[STAGED], high_of[STAGED];
constexpr int LONG = 2000 * 256;  // (2000 * 256) * (17 * 256) is less than 2^31
const int width = images.width, columns = (images.width + TILE - 1) / TILE;
const int left = tile % columns * TILE, top = tile / columns * TILE;
const int x = left + thread % TILE, y = top + thread / TILE;
const bool here = x < images.width && y < images.bottom;
wp::int64* keys = images.keys.data + (long long)image * images.keys.shape[1] + ((long long)y * images.width + x) * 4;
wp::int64* bits = images.bits.data + (long long)image * images.bits.shape[1]
    + ((long long)y * images.width + x) * images.words;
const int right = (x - left) * 256, down = (y - top) * 256;
const float v = (y + 0.5f - view.centre[1]) / view.focal[1];
wp::int64 kept[4] = {0, 0, 0, 0};
if (here) {  // two loads of 16 bytes
    const longlong2 first = ((const longlong2*)keys)[0], second = ((const longlong2*)keys)[1];
    kept[0] = first.x;
    kept[1] = first.y;
    kept[2] = second.x;
    kept[3] = second.y;
}
// The entities' bits of one word are gathered before they are written.
int word_held = 0;
unsigned long long bits_held = 0;
const auto write_bits = [&]() {
    if (bits_held != 0) bits[word_held] |= (wp::int64)bits_held;
    bits_held = 0;
};
const auto note = [&](int entity) {
    if (entity >> 6 != word_held) {
        write_bits();
        word_held = entity >> 6;
    }
    bits_held |= 1ull << (entity & 63);
};
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
    for (int begin = 0; begin < found; begin += STAGED) {
        const int staged = found - begin < STAGED ? found - begin : STAGED;
        if (thread < staged) {
            const int number = listed[begin + thread] & 0xFFFFFFF, crossed = listed[begin + thread] >> 28;
            const auto& t = entries[number];
            const int2 box = boxes[number];
            int longest = 0;
            const auto stage = [&](int k, const wp::vec2i& p, const wp::vec2i& q) {
                const bool needed = (crossed >> k & 1) != 0;
                const int a = needed ? p[1] - q[1] : 0, b = needed ? q[0] - p[0] : 0;
                const int owner = !needed || a > 0 || (a == 0 && b > 0) ? 0 : 1;
                const long long c = (long long)a * (left * 256 + 128 - p[0]) + (long long)b * (top * 256 + 128 - p[1]) - owner;
                const int size = (a < 0 ? -a : a) + (b < 0 ? -b : b);
                longest = size > longest ? size : longest;
                edge_a[k][thread] = a;
                edge_b[k][thread] = b;
                edge_c[k][thread] = (int)c;
                long_c[k][thread] = c;
            };
            stage(0, t.p, t.q);
            stage(1, t.q, t.s);
            stage(2, t.s, t.p);
            is_long[thread] = longest >= LONG;
            columns_of[thread] = box.x;
            rows_of[thread] = box.y;
            mark_of[thread] = t.triangle + 1;
            entity_of[thread] = t.entity;
            const float gx = t.plane[0] / view.focal[0], gy = t.plane[1] / view.focal[1];
            step_x[thread] = gx;
            for (int i = 1; i < 4; ++i)
                shift_of[i - 1][thread] = gx * (SAMPLE_X[i] / 256.0f) + gy * (SAMPLE_Y[i] / 256.0f);
            first_term[thread] = t.plane[0] * (((box.x & 0xFFFF) + 0.5f - view.centre[0]) / view.focal[0]);
            row_term[thread] = t.plane[1];
            last_term[thread] = t.plane[2];
            low_of[thread] = t.low;
            high_of[thread] = t.high;
        }
        __syncthreads();
        for (int k = 0; here && k < staged; ++k) {
            const int reach_x = columns_of[k], reach_y = rows_of[k], x0 = reach_x & 0xFFFF;
            if (y < (reach_y & 0xFFFF) || y > reach_y >> 16 || x < x0 || x > reach_x >> 16) continue;
            int covered = 0;
            if (is_long[k] == 0) {
                int value[3], sides[4] = {0, 0, 0, 0};
#pragma unroll
                for (int e = 0; e < 3; ++e) {
                    const int a = edge_a[e][k], b = edge_b[e][k];
                    value[e] = edge_c[e][k] + a * right + b * down;
#pragma unroll
                    for (int i = 0; i < 4; ++i) sides[i] |= value[e] + a * SAMPLE_X[i] + b * SAMPLE_Y[i];
                }
#pragma unroll
                for (int i = 0; i < 4; ++i) covered |= sides[i] >= 0 ? 1 << i : 0;
            } else {
                covered = 15;
                for (int e = 0; e < 3; ++e) {
                    const int a = edge_a[e][k], b = edge_b[e][k];
                    const long long c = long_c[e][k] + (long long)a * right + (long long)b * down;
                    for (int i = 0; i < 4; ++i)
                        if (c + (long long)a * SAMPLE_X[i] + (long long)b * SAMPLE_Y[i] < 0) covered &= ~(1 << i);
                }
            }
            if (covered == 0) continue;
            // As in cover_rows.cpp, so that the same triangle has the same depth everywhere.
            const float inverse = first_term[k] + row_term[k] * v + last_term[k];
            const float iz = inverse + step_x[k] * (float)(x - x0), low = low_of[k], high = high_of[k];
            const wp::int64 mark = mark_of[k];
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float z = i == 0 ? iz : iz + shift_of[i > 0 ? i - 1 : 0][k];
                const wp::int64 key = ((wp::int64)__float_as_int(fminf(fmaxf(z, low), high)) << 32) | mark;
                if ((covered >> i & 1) != 0 && kept[i] < key) kept[i] = key;
            }
            if ((covered & 1) != 0 && entity_of[k] >= 0) note(entity_of[k]);
        }
        __syncthreads();
    }
}
write_bits();
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
// What each entity covers, counted by warps, which hold two rows of TILE pixels. Boxes hold minima: x, y, -x, -y.
if (pixels.counting != 0) {
    constexpr unsigned ALL = 0xFFFFFFFFu;
    const int lane = thread & 31, upper = top + (thread >> 5) * 2;
    const long long row_of_counts = (long long)frame * pixels.counts.visible.shape[1];
    const auto fold = [](unsigned value, auto join) {
        for (int step = 16; step > 0; step >>= 1) value = join(value, __shfl_xor_sync(ALL, value, step));
        return value;
    };
    const auto least = [](unsigned a, unsigned b) { return a < b ? a : b; };
    const auto most = [](unsigned a, unsigned b) { return a > b ? a : b; };
    const auto either = [](unsigned a, unsigned b) { return a | b; };
    const auto lower = [](auto* held, auto value) {  // most change nothing: looking is cheaper than an atomic
        if (value < *held) wp::atomic_min(held, value);
    };
    const auto widen = [&](int* box, unsigned mine) {
        const unsigned both = (mine | mine >> 16) & 0xFFFF;
        lower(box, left + __ffs(both) - 1);
        lower(box + 1, (mine & 0xFFFF) != 0 ? upper : upper + 1);
        lower(box + 2, -(left + 31 - __clz(both)));
        lower(box + 3, -((mine >> 16) != 0 ? upper + 1 : upper));
    };
    const int triangle = (int)(kept[0] & 0xFFFFFFFFll) - 1;
    const int entity = triangle < 0 ? -1 : geometry.part_entity.data[geometry.triangle_part.data[triangle]];
    const float depth = triangle < 0 ? 0.0f : 1.0f / __int_as_float((int)(kept[0] >> 32));
    for (unsigned left_over = __ballot_sync(ALL, entity >= 0); left_over != 0;) {
        const int counted = __shfl_sync(ALL, entity, __ffs(left_over) - 1);
        const unsigned mine = __ballot_sync(ALL, entity == counted);
        left_over &= ~mine;
        // Depths are positive: their bits are ordered as they are.
        const unsigned nearest = fold(entity == counted ? __float_as_uint(depth) : ALL, least);
        const unsigned farthest = fold(entity == counted ? __float_as_uint(depth) : 0u, most);
        if (lane != 0) continue;
        const long long place = row_of_counts + counted;
        wp::atomic_add(pixels.counts.visible.data + place, __popc(mine));
        widen(pixels.counts.visible_box.data + place * 4, mine);
        lower(pixels.counts.depth_min.data + place, __uint_as_float(nearest));
        const float high = __uint_as_float(farthest);
        if (high > pixels.counts.depth_max.data[place]) wp::atomic_max(pixels.counts.depth_max.data + place, high);
    }
    // What covers the pixels' centres, hidden or not: one bit an entity.
    for (int word = 0; word < images.words; ++word) {
        const unsigned long long own = here ? (unsigned long long)bits[word] : 0ull;
        for (int half = 0; half < 2; ++half) {
            const unsigned held = (unsigned)(own >> (half * 32));
            for (unsigned some = fold(held, either); some != 0; some &= some - 1) {
                const int bit = __ffs(some) - 1;
                const unsigned mine = __ballot_sync(ALL, (held >> bit) & 1);
                if (lane != 0) continue;
                const long long place = row_of_counts + word * 64 + half * 32 + bit;
                wp::atomic_add(pixels.counts.amodal.data + place, __popc(mine));
                widen(pixels.counts.amodal_box.data + place * 4, mine);
            }
        }
    }
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
