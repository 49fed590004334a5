// The triangles of parts that need no cutting, on CUDA: a thread sets one up, and the threads of a block share out the
// pixels of all of them evenly. The body of raster.cover_one.
#if defined(__CUDA_ARCH__)
constexpr int THREADS = 256;
constexpr int SMALL = 20;  // pixels of a side; larger ones go to the queue
constexpr int SAMPLE_X[4] = {0, 104, -76, -28}, SAMPLE_Y[4] = {0, 28, 76, -104};
// Of each triangle: pixels up to and with its own; its box; its edges a x + b y + c, in 1/256 pixel from the centre of
// the box's first pixel on, inside where they are >= 0; 1/z on the image, and what it is clamped to.
__shared__ int ends[THREADS], corner[THREADS], wide[THREADS], mark_of[THREADS], entity_of[THREADS];
__shared__ int edge_a[2][THREADS], edge_b[2][THREADS], edge_c[3][THREADS];
__shared__ float step_x[THREADS], step_y[THREADS], first_term[THREADS], row_term[THREADS], last_term[THREADS];
__shared__ float low_of[THREADS], high_of[THREADS];
__shared__ int sums[THREADS / 32];
const int thread = threadIdx.x, lane = thread & 31;

// How many pixels this thread's triangle may cover, once it is set up; 0 for those that are not seen or are queued.
const auto set_up = [&]() {
    const wp::vec2i* grid_of = grid.data + (long long)image * grid.shape[1] + vertex_shift;
    const wp::vec3* seen = camera.data + (long long)image * camera.shape[1] + vertex_shift;
    const auto corners = triangles.data[t + face_shift];
    wp::vec2i p = grid_of[corners[0]], q = grid_of[corners[1]], s = grid_of[corners[2]];
    // Half of a closed mesh looks away: that is seen on the grid alone, before anything else is loaded.
    const long long area = (long long)(q[0] - p[0]) * (s[1] - p[1]) - (long long)(q[1] - p[1]) * (s[0] - p[0]);
    if (area == 0 || (facing != 0 && (area > 0) == (facing > 0))) return 0;
    const auto least = [](int a, int b, int c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); };
    const auto most = [](int a, int b, int c) { return a > b ? (a > c ? a : c) : (b > c ? b : c); };
    const int left = least(p[0], q[0], s[0]), right = most(p[0], q[0], s[0]);
    const int upper = least(p[1], q[1], s[1]), lower = most(p[1], q[1], s[1]);
    int x0 = (left - 128 - 104 + 255) >> 8, x1 = (right - 128 + 76) >> 8;
    int y0 = (upper - 128 - 76 + 255) >> 8, y1 = (lower - 128 + 104) >> 8;
    x0 = x0 > 0 ? x0 : 0;
    y0 = y0 > images.top ? y0 : images.top;
    x1 = x1 < images.width - 1 ? x1 : images.width - 1;
    y1 = y1 < images.bottom - 1 ? y1 : images.bottom - 1;
    if (x0 > x1 || y0 > y1) return 0;
    const wp::vec3 A = seen[corners[0]], B = seen[corners[1]], C = seen[corners[2]];
    const wp::vec3 normal = wp::cross(B - A, C - A);
    const float offset = wp::dot(normal, A);
    if (offset == 0.0f) return 0;
    const wp::vec3 plane = normal / offset;
    const float far = wp::max(A[2], wp::max(B[2], C[2])), near = wp::min(A[2], wp::min(B[2], C[2]));
    const float low = 1.0f / far, high = 1.0f / wp::max(view.near, near);
    if (area < 0) {  // turned so that the inside lies where the edges are positive
        const wp::vec2i other = q;
        q = s;
        s = other;
    }
    if (right - left >= SMALL * 256 || lower - upper >= SMALL * 256) {
        // There is room for all triangles (scratch.py).
        const long long slot = (long long)image * queue.triangles.shape[1] + wp::atomic_add(queue.length.data + image, 1);
        queue.boxes.data[slot] = wp::vec2i(x0 | x1 << 16, y0 | y1 << 16);
        auto& entry = queue.triangles.data[slot];
        entry.p = p;
        entry.q = q;
        entry.s = s;
        entry.plane = plane;
        entry.low = low;
        entry.high = high;
        entry.triangle = t;
        entry.entity = entity;
        return 0;
    }
    const auto edge = [&](int k, const wp::vec2i& from, const wp::vec2i& to) {
        const int a = from[1] - to[1], b = to[0] - from[0], owner = a > 0 || (a == 0 && b > 0) ? 0 : 1;
        if (k < 2) {  // the third is what makes their sum zero
            edge_a[k][thread] = a;
            edge_b[k][thread] = b;
        }
        edge_c[k][thread] = a * (x0 * 256 + 128 - from[0]) + b * (y0 * 256 + 128 - from[1]) - owner;
    };
    edge(0, p, q);
    edge(1, q, s);
    edge(2, s, p);
    corner[thread] = x0 | y0 << 16;
    wide[thread] = x1 - x0 + 1;
    mark_of[thread] = t + 1;
    entity_of[thread] = entity;
    step_x[thread] = plane[0] / view.focal[0];
    step_y[thread] = plane[1] / view.focal[1];
    first_term[thread] = plane[0] * ((x0 + 0.5f - view.centre[0]) / view.focal[0]);
    row_term[thread] = plane[1];
    last_term[thread] = plane[2];
    low_of[thread] = low;
    high_of[thread] = high;
    return (x1 - x0 + 1) * (y1 - y0 + 1);
};
__syncthreads();  // a block may do this several times
int sum = shown != 0 ? set_up() : 0;
for (int step = 1; step < 32; step <<= 1) {
    const int before = __shfl_up_sync(0xFFFFFFFFu, sum, step);
    if (lane >= step) sum += before;
}
if (lane == 31) sums[thread >> 5] = sum;
__syncthreads();
for (int warp = 0; warp < thread >> 5; ++warp) sum += sums[warp];
ends[thread] = sum;
__syncthreads();

const int pixels = ends[THREADS - 1], share = (pixels + THREADS - 1) / THREADS;
int at = thread * share;
const int stop = at + share < pixels ? at + share : pixels;
int k = 0;  // whose pixel comes first: the number of triangles that end before it
for (int step = THREADS / 2; step > 0; step >>= 1)
    if (at < stop && ends[k + step - 1] <= at) k += step;
wp::int64* image_keys = images.keys.data + (long long)image * images.keys.shape[1];
wp::int64* image_bits = images.bits.data + (long long)image * images.bits.shape[1];
while (at < stop) {
    const int begin = k > 0 ? ends[k - 1] : 0, end = ends[k] < stop ? ends[k] : stop;
    const int width = wide[k], x0 = corner[k] & 0xFFFF, y0 = corner[k] >> 16, entity_here = entity_of[k];
    const int a0 = edge_a[0][k], b0 = edge_b[0][k], a1 = edge_a[1][k], b1 = edge_b[1][k], a2 = -a0 - a1, b2 = -b0 - b1;
    const int c0 = edge_c[0][k], c1 = edge_c[1][k], c2 = edge_c[2][k];
    const float gx = step_x[k], gy = step_y[k], low = low_of[k], high = high_of[k];
    const wp::int64 mark = mark_of[k];
    int row = (at - begin) / width, column = at - begin - row * width;
    for (; at < end; ++at) {
        const int right = column * 256, down = row * 256, y = y0 + row;
        int covered = 0;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int dx = right + SAMPLE_X[i], dy = down + SAMPLE_Y[i];
            if (((c0 + a0 * dx + b0 * dy) | (c1 + a1 * dx + b1 * dy) | (c2 + a2 * dx + b2 * dy)) >= 0) covered |= 1 << i;
        }
        if (covered != 0) {
            // As in cover_rows.cpp, so that the same triangle has the same depth everywhere.
            const float v = (y + 0.5f - view.centre[1]) / view.focal[1];
            const float inverse = first_term[k] + row_term[k] * v + last_term[k], iz = inverse + gx * (float)column;
            const long long pixel = (long long)(y - images.top) * images.width + x0 + column;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                if (((covered >> i) & 1) == 0) continue;
                const float shift = gx * (SAMPLE_X[i] / 256.0f) + gy * (SAMPLE_Y[i] / 256.0f), z = iz + shift;
                const wp::int64 key = ((wp::int64)__float_as_int(z < low ? low : (z > high ? high : z)) << 32) | mark;
                wp::int64* kept = image_keys + pixel * 4 + i;
                if (*kept < key) atomicMax((long long*)kept, (long long)key);
            }
            if ((covered & 1) != 0 && entity_here >= 0)
                atomicOr((unsigned long long*)(image_bits + pixel * images.words + (entity_here >> 6)),
                         1ull << (entity_here & 63));
        }
        if (++column == width) {
            column = 0;
            ++row;
        }
    }
    ++k;
}
#endif
