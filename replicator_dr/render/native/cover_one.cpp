// One triangle of a part that needs no cutting, on CUDA. The body of raster.cover_one.
#if defined(__CUDA_ARCH__)
const int word = entity >= 0 ? entity >> 6 : -1;
const wp::int64 bit = entity >= 0 ? 1ll << (entity & 63) : 0;
constexpr int SMALL = 20;  // pixels of a side; larger ones go to the queue
constexpr int SAMPLE_X[4] = {0, 104, -76, -28}, SAMPLE_Y[4] = {0, 28, 76, -104};
const auto cover_small = [&](int x0, int x1, int y0, int y1, wp::vec2i p, wp::vec2i q, wp::vec2i s, wp::vec3 plane,
                             float low, float high, wp::int64 mark) {
    const int a[3] = {p[1] - q[1], q[1] - s[1], s[1] - p[1]}, b[3] = {q[0] - p[0], s[0] - q[0], p[0] - s[0]};
    const auto edge = [&](int k, int x, int y) {
        const int owner = a[k] > 0 || (a[k] == 0 && b[k] > 0) ? 0 : 1;
        return a[k] * (x0 * 256 + 128 - x) + b[k] * (y0 * 256 + 128 - y) - owner;
    };
    const int c[3] = {edge(0, p[0], p[1]), edge(1, q[0], q[1]), edge(2, s[0], s[1])};
    const float gx = plane[0] / view.focal[0], gy = plane[1] / view.focal[1];
    const float u = (x0 + 0.5f - view.centre[0]) / view.focal[0];
    for (int y = y0; y <= y1; ++y) {
        wp::int64* keys = images.keys.data + (long long)image * images.keys.shape[1] 
            + (long long)(y - images.top) * images.width * 4;
        const float v = (y + 0.5f - view.centre[1]) / view.focal[1];
        const float inverse = plane[0] * u + plane[1] * v + plane[2];
        for (int x = x0; x <= x1; ++x) {
            const int right = (x - x0) * 256, down = (y - y0) * 256;
            const float at_centre = inverse + gx * (float)(x - x0);
            for (int i = 0; i < 4; ++i) {
                const int dx = right + SAMPLE_X[i], dy = down + SAMPLE_Y[i];
                const int e0 = c[0] + a[0] * dx + b[0] * dy, e1 = c[1] + a[1] * dx + b[1] * dy;
                const int e2 = c[2] + a[2] * dx + b[2] * dy;
                if ((e0 | e1 | e2) < 0) continue;
                const float shift = gx * (SAMPLE_X[i] / 256.0f) + gy * (SAMPLE_Y[i] / 256.0f);
                const float iz = at_centre + shift;
                const wp::int64 key = ((wp::int64)__float_as_int(iz < low ? low : (iz > high ? high : iz)) << 32) | mark;
                if (keys[x * 4 + i] < key) atomicMax((long long*)(keys + x * 4 + i), (long long)key);
                if (i == 0 && word >= 0)
                    atomicOr((unsigned long long*)(images.bits.data + (long long)image * images.bits.shape[1]
                                 + ((long long)(y - images.top) * images.width + x) * images.words + word), (unsigned long long)bit);
            }
        }
    }
};

const wp::vec2i* grid_of = grid.data + (long long)image * grid.shape[1] + vertex_shift;
const wp::vec3* seen = camera.data + (long long)image * camera.shape[1] + vertex_shift;
const auto corners = triangles.data[t + face_shift];
wp::vec2i p = grid_of[corners[0]], q = grid_of[corners[1]], s = grid_of[corners[2]];
// Half of a closed mesh looks away: that is seen on the grid alone, before anything else is loaded.
const long long area = (long long)(q[0] - p[0]) * (s[1] - p[1]) - (long long)(q[1] - p[1]) * (s[0] - p[0]);
if (area == 0 || (facing != 0 && (area > 0) == (facing > 0))) return;
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
if (x0 > x1 || y0 > y1) return;
const wp::vec3 A = seen[corners[0]], B = seen[corners[1]], C = seen[corners[2]];
const wp::vec3 normal = wp::cross(B - A, C - A);
const float offset = wp::dot(normal, A);
if (offset == 0.0f) return;
const wp::vec3 plane = normal / offset;
const float far = wp::max(A[2], wp::max(B[2], C[2])), near = wp::min(A[2], wp::min(B[2], C[2]));
const float low = 1.0f / far, high = 1.0f / wp::max(view.near, near);
const wp::int64 mark = t + 1;
if (area < 0) {  // turned so that the inside lies where the edges are positive
    const wp::vec2i other = q;
    q = s;
    s = other;
}
if (right - left < SMALL * 256 && lower - upper < SMALL * 256) {
    cover_small(x0, x1, y0, y1, p, q, s, plane, low, high, mark);
    return;
}
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
#endif
