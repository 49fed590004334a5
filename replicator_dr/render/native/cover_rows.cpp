// The pixels of one triangle, row by row. The body of coverage.cover_rows, after keep_nearest.cpp: its parameters are
// described there.
constexpr wp::int64 REACH = 104;  // farthest sample from a pixel's centre, in 1/256 pixel
constexpr wp::int64 DX[4] = {0, 104, -76, -28}, DY[4] = {0, 28, 76, -104};

// Edges p-q, q-s, s-p: their steps for 1/256 pixel, and their values at the centre of pixel (0, 0), with the tie rule
// by which exactly one of two triangles owns the points on a shared edge.
const wp::int64 px = p[0], py = p[1], qx = q[0], qy = q[1], sx = s[0], sy = s[1];
const wp::int64 a[3] = {py - qy, qy - sy, sy - py}, b[3] = {qx - px, sx - qx, px - sx};
const auto edge = [&](int k, wp::int64 x, wp::int64 y) {
    const bool owner = a[k] > 0 || (a[k] == 0 && b[k] > 0);
    return a[k] * (128 - x) + b[k] * (128 - y) - (owner ? 0 : 1);
};
const wp::int64 c[3] = {edge(0, px, py), edge(1, qx, qy), edge(2, sx, sy)};
const float gx = plane[0] / view.focal[0], gy = plane[1] / view.focal[1];  // change of 1/z a pixel
const float u = (x0 + 0.5f - view.centre[0]) / view.focal[0];
float shift[4];
wp::int64 offset[3][4], margin[3];
for (int i = 0; i < 4; ++i) {
    shift[i] = gx * (DX[i] / 256.0f) + gy * (DY[i] / 256.0f);
    for (int k = 0; k < 3; ++k) offset[k][i] = a[k] * DX[i] + b[k] * DY[i];
}
for (int k = 0; k < 3; ++k) margin[k] = ((a[k] < 0 ? -a[k] : a[k]) + (b[k] < 0 ? -b[k] : b[k])) * REACH;
#if defined(NO_HOLES)
const bool holes = false;
const auto solid = [](int, int, int) { return true; };
#else
// Whether a sample of a triangle with holes lies beside them: bilinear, from the mipmap whose texels are as large as
// the pixel, as in shade_4_material.cpp.
const auto solid = [&](int x, int y, int i) {
    const float rx = (x + 0.5f + DX[i] / 256.0f - view.centre[0]) / view.focal[0];
    const float ry = (y + 0.5f + DY[i] / 256.0f - view.centre[1]) / view.focal[1];
    const float distance = 1.0f / (plane[0] * rx + plane[1] * ry + plane[2]);
    const float u = (cutout.u[0] * rx + cutout.u[1] * ry + cutout.u[2]) * distance;
    const float v = (cutout.v[0] * rx + cutout.v[1] * ry + cutout.v[2]) * distance;
    union { float number; int bits; } scale;
    scale.number = distance > 1e-6f ? distance : 1e-6f;
    const float fine = cutout.detail + scale.bits * 1.1920929e-7f - 127.0f
        + pictures.texture_detail.data[cutout.texture];
    const int levels = pictures.levels.shape[1], level = fine > 0.0f ? (fine < levels - 1 ? (int)fine : levels - 1) : 0;
    const auto info = pictures.levels.data[cutout.texture * levels + level];
    const int columns = info[1] & 0xFFFF, rows = info[1] >> 16;
    const float px = (u - wp::floor(u)) * columns - 0.5f, py = (1.0f - (v - wp::floor(v))) * rows - 0.5f;
    const float fx = wp::floor(px), fy = wp::floor(py), right = px - fx, below = py - fy;
    const auto at = [&](int column, int row) {
        column = column < 0 ? columns - 1 : (column >= columns ? 0 : column);
        row = row < 0 ? rows - 1 : (row >= rows ? 0 : row);
        const float root = (float)(pictures.texels.data[info[0] + row * columns + column] & 1023u) / 1023.0f;
        return root * root;
    };
    const int c = (int)fx, r = (int)fy;
    const float upper = at(c, r) * (1.0f - right) + at(c + 1, r) * right;
    const float lower = at(c, r + 1) * (1.0f - right) + at(c + 1, r + 1) * right;
    return upper * (1.0f - below) + lower * below >= cutout.least;
};
const bool holes = cutout.texture >= 0;
#endif


#if defined(__CUDA_ARCH__)
const auto deepen = [](wp::int64& kept, wp::int64 key) { if (kept < key) atomicMax((long long*)&kept, (long long)key); };
const auto add_bit = [](wp::int64& kept, wp::int64 bit) { atomicOr((unsigned long long*)&kept, (unsigned long long)bit); };
constexpr int SPAN = 8;  // from this width on, a row's inside is found by division
const auto below = [](wp::int64 numerator, wp::int64 divisor) {
    const double quotient = wp::floor((double)numerator / (double)divisor);
    return (int)(quotient < -8.0 ? -8.0 : (quotient > 65536.0 ? 65536.0 : quotient));
};
const auto key_of = [&](float inverse) {
    union { float number; int bits; } held;
    held.number = inverse < low ? low : (inverse > high ? high : inverse);
    return ((wp::int64)held.bits << 32) | mark;
};

for (int y = y0; y <= y1; ++y) {
    const wp::int64 down = (wp::int64)y * 256;
    const wp::int64 r[3] = {c[0] + b[0] * down, c[1] + b[1] * down, c[2] + b[2] * down};
    const float v = (y + 0.5f - view.centre[1]) / view.focal[1];
    const float inverse = plane[0] * u + plane[1] * v + plane[2];  // 1/z at the centre of pixel x0
    // Pixels that may be covered, and those whose samples all are.
    int left = x0, right = x1, full_left = x1 + 1, full_right = x1;
    if (x1 - x0 >= SPAN && !holes) {
        full_left = x0;
        for (int k = 0; k < 3; ++k) {
            const wp::int64 step = a[k] * 256;
            if (step > 0) {
                const int some = below(-r[k] - margin[k], step), all = below(-r[k] + margin[k], step) + 2;
                left = some > left ? some : left;
                full_left = all > full_left ? all : full_left;
            } else if (step < 0) {
                const int some = below(r[k] + margin[k], -step) + 1, all = below(r[k] - margin[k], -step) - 1;
                right = some < right ? some : right;
                full_right = all < full_right ? all : full_right;
            } else {
                if (r[k] + margin[k] < 0) right = left - 1;
                if (r[k] - margin[k] < 0) full_right = full_left - 1;
            }
        }
    }
    wp::int64* row_keys = images.keys.data + (long long)image * images.keys.shape[1]
        + (long long)(y - images.top) * images.width * 4;
    wp::int64* row_bits = images.bits.data + (long long)image * images.bits.shape[1]
        + (long long)(y - images.top) * images.width * images.words;
    // Pixels that may be covered only in part.
    const auto edge_pixel = [&](int x) {
        const wp::int64 e0 = r[0] + a[0] * 256 * x, e1 = r[1] + a[1] * 256 * x, e2 = r[2] + a[2] * 256 * x;
        const float iz = inverse + gx * (float)(x - x0);
        for (int i = 0; i < 4; ++i)
            if (((e0 + offset[0][i]) | (e1 + offset[1][i]) | (e2 + offset[2][i])) >= 0
                && (!holes || solid(x, y, i))) {
                deepen(row_keys[x * 4 + i], key_of(iz + shift[i]));
                if (i == 0 && word >= 0) add_bit(row_bits[x * images.words + word], bit);
            }
    };
    const bool some_full = full_left <= full_right;
    const int before = some_full ? full_left - 1 : right;
    for (int x = left; x <= before; ++x) edge_pixel(x);
    if (!some_full) continue;
    for (int x = full_left; x <= full_right; ++x) {
        const float iz = inverse + gx * (float)(x - x0);
        for (int i = 0; i < 4; ++i) deepen(row_keys[x * 4 + i], key_of(iz + shift[i]));
    }
    if (word >= 0)
        for (int x = full_left; x <= full_right; ++x) add_bit(row_bits[x * images.words + word], bit);
    for (int x = full_right + 1; x <= right; ++x) edge_pixel(x);
}
#else
typedef long long Longs __attribute__((ext_vector_type(16)));
constexpr Longs ACROSS = {0, 104, -76, -28, 256, 360, 180, 228, 512, 616, 436, 484, 768, 872, 692, 740};
constexpr Longs DOWN = {0, 28, 76, -104, 0, 28, 76, -104, 0, 28, 76, -104, 0, 28, 76, -104};
const Floats shifts = {shift[0], shift[1], shift[2], shift[3], shift[0], shift[1], shift[2], shift[3],
                       shift[0], shift[1], shift[2], shift[3], shift[0], shift[1], shift[2], shift[3]};
const Longs lanes[3] = {a[0] * ACROSS + b[0] * DOWN, a[1] * ACROSS + b[1] * DOWN, a[2] * ACROSS + b[2] * DOWN};
// Where each edge lets a row begin or end: a line, moved outwards by more than it can be wrong, and where from there on
// all samples are inside.
double start[3], slope[3], full[3];
for (int k = 0; k < 3; ++k) {
    const double step = (double)(a[k] * 256), side = step < 0.0 ? 1.0 : -1.0;
    start[k] = step == 0.0 ? 0.0 : -((double)c[k] + (double)margin[k]) / step;
    slope[k] = step == 0.0 ? 0.0 : -(double)(b[k] * 256) / step;
    const double wrong = 1.0 + 1e-15 * (wp::abs(start[k]) + wp::abs(slope[k]) * (double)y1);
    full[k] = step == 0.0 ? 0.0 : start[k] - side * (wrong + wp::abs(2.0 * (double)margin[k] / step));
    start[k] += side * wrong;
}
for (int y = y0; y <= y1; ++y) {
    const wp::int64 down = (wp::int64)y * 256;
    const wp::int64 r[3] = {c[0] + b[0] * down, c[1] + b[1] * down, c[2] + b[2] * down};
    double least = x0, most = x1, full_least = x0, full_most = holes ? -1.0 : x1;
    for (int k = 0; k < 3; ++k) {
        const double bound = start[k] + slope[k] * y, inner = full[k] + slope[k] * y;
        if (a[k] > 0) {
            least = bound > least ? bound : least;
            full_least = inner > full_least ? inner : full_least;
        } else if (a[k] < 0) {
            most = bound < most ? bound : most;
            full_most = inner < full_most ? inner : full_most;
        } else {
            if (r[k] + margin[k] < 0) most = -1.0;
            if (r[k] - margin[k] < 0) full_most = -1.0;
        }
    }
    if (!(least <= most)) continue;
    const int left = (int)least, right = (int)most;
    const double last_full = full_most - 3.0;  // of the first pixels of blocks
    const float v = (y + 0.5f - view.centre[1]) / view.focal[1];
    const float inverse = plane[0] * u + plane[1] * v + plane[2];  // 1/z at the centre of pixel x0
    const long long at = (long long)(y - images.top) * images.width;
    float* nearest = images.inverse.data + (long long)image * images.inverse.shape[1] + at * 4;
    int* shown = images.triangle.data + (long long)image * images.triangle.shape[1] + at * 4;
    for (int x = left; x <= right; x += 4) {
        Ints inside = (Ints)-1;
        unsigned hit = 0xFFFF;
        if (x >= full_least && x <= last_full) {
            if (images.silhouettes) {  // all whole blocks at once: those of a floor fill the image
                const int end = x + (((int)last_full - x) & ~3), step = images.silhouettes;
                unsigned char* bytes = centre_bytes + at * step + word;
                const unsigned char own = (unsigned char)bit;
                if (word == 0 && step == 1)
                    for (; x < end; ++x) bytes[x] |= own;
                for (; x < end; ++x)
                    if (word >= 0) bytes[(long long)x * step] |= own;
            }
        } else {
            const wp::int64 e0 = r[0] + a[0] * 256 * x, e1 = r[1] + a[1] * 256 * x, e2 = r[2] + a[2] * 256 * x;
            const auto within = ((lanes[0] + e0) | (lanes[1] + e1) | (lanes[2] + e2)) >= 0;
            inside = __builtin_convertvector(within, Ints) & (PIXEL_OF <= (float)(right - x));
            hit = __builtin_bit_cast(unsigned short, __builtin_convertvector(inside, Bits));
            if (hit == 0) continue;
        }
        if (holes)
            for (int i = 0; i < 16; ++i)
                if (((hit >> i) & 1) && !solid(x + i / 4, y, i % 4)) {
                    hit &= ~(1u << i);
                    inside[i] = 0;
                }
        if (!images.silhouettes) {
            const Floats iz = (inverse + gx * (PIXEL_OF + (float)(x - x0))) + shifts;
            keep_nearest(nearest + x * 4, shown + x * 4, inside, iz, low, high, mark);
        }
        cover_centres(at + x, hit);
    }
}
#endif
