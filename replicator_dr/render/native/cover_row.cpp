// One row of one triangle. The body of raster.cover_row: its parameters are described there.
#if defined(__CUDA_ARCH__)
const auto deepen = [](wp::int64& kept, wp::int64 key) { atomicMax((long long*)&kept, (long long)key); };
const auto add_bit = [](wp::int64& kept, wp::int64 bit) { atomicOr((unsigned long long*)&kept, (unsigned long long)bit); };
#else
const auto deepen = [](wp::int64& kept, wp::int64 key) { kept = kept > key ? kept : key; };
const auto add_bit = [](wp::int64& kept, wp::int64 bit) { kept |= bit; };
#endif
constexpr int SPAN = 8;          // from this width on, the row's inside is found by division
constexpr wp::int64 REACH = 104;  // farthest sample from a pixel's centre, in 1/256 pixel
constexpr wp::int64 DX[4] = {0, 104, -76, -28}, DY[4] = {0, 28, 76, -104};

const wp::int64 r[3] = {r0, r1, r2}, a[3] = {a0, a1, a2}, b[3] = {b0, b1, b2};
// Pixels that may be covered, and those whose samples all are.
int left = x0, right = x1, full_left = x1 + 1, full_right = x1;
if (x1 - x0 >= SPAN) {
    full_left = x0;
    for (int k = 0; k < 3; ++k) {
        const wp::int64 margin = ((a[k] < 0 ? -a[k] : a[k]) + (b[k] < 0 ? -b[k] : b[k])) * REACH;
        const wp::int64 step = a[k] * 256;
        const auto below = [](wp::int64 numerator, wp::int64 divisor) {
            const double q = wp::floor((double)numerator / (double)divisor);
            return (int)(q < -8.0 ? -8.0 : (q > 65536.0 ? 65536.0 : q));
        };
        if (step > 0) {
            const int some = below(-r[k] - margin, step), all = below(-r[k] + margin, step) + 2;
            left = some > left ? some : left;
            full_left = all > full_left ? all : full_left;
        } else if (step < 0) {
            const int some = below(r[k] + margin, -step) + 1, all = below(r[k] - margin, -step) - 1;
            right = some < right ? some : right;
            full_right = all < full_right ? all : full_right;
        } else {
            if (r[k] + margin < 0) return;
            if (r[k] - margin < 0) full_right = full_left - 1;
        }
    }
}
wp::int64* row_keys = images.keys.data + ((wp::int64)image * images.height + y) * images.width * 4;
wp::int64* row_bits = images.bits.data + ((wp::int64)image * images.height + y) * images.width * images.words;
const float gx = gradient[0], gy = gradient[1];
float shift[4];
wp::int64 reach[3][4];
for (int s = 0; s < 4; ++s) {
    shift[s] = gx * (DX[s] / 256.0f) + gy * (DY[s] / 256.0f);
    for (int k = 0; k < 3; ++k) reach[k][s] = a[k] * DX[s] + b[k] * DY[s];
}
const auto key_of = [&](float iz) {
    iz = iz < low ? low : (iz > high ? high : iz);
    union { float number; int bits; } u;
    u.number = iz;
    return ((wp::int64)u.bits << 32) | mark;
};
const auto edge_pixel = [&](int x) {
    const wp::int64 e0 = r0 + a0 * 256 * x, e1 = r1 + a1 * 256 * x, e2 = r2 + a2 * 256 * x;
    const float iz = inverse + gx * (float)(x - x0);
    for (int s = 0; s < 4; ++s)
        if (((e0 + reach[0][s]) | (e1 + reach[1][s]) | (e2 + reach[2][s])) >= 0) {
            deepen(row_keys[x * 4 + s], key_of(iz + shift[s]));
            if (s == 0 && word >= 0) add_bit(row_bits[x * images.words + word], bit);
        }
};
if (full_left > full_right) {
    for (int x = left; x <= right; ++x) edge_pixel(x);
    return;
}
for (int x = left; x < full_left; ++x) edge_pixel(x);
for (int x = full_left; x <= full_right; ++x) {
    const float iz = inverse + gx * (float)(x - x0);
    for (int s = 0; s < 4; ++s) deepen(row_keys[x * 4 + s], key_of(iz + shift[s]));
}
if (word >= 0)
    for (int x = full_left; x <= full_right; ++x) add_bit(row_bits[x * images.words + word], bit);
for (int x = full_right + 1; x <= right; ++x) edge_pixel(x);
