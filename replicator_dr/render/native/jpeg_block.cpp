// jpeg.code_blocks: blocks first to last - 1 of a row of 8 x 8 blocks of one plane, in place: what is left of them after
// a discrete cosine transform, division by the table, rounding, and the way back.
//
// The transform is that of C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT algorithms with 11
// multiplications" (ICASSP 1989), in integers with 13 bits after the point, 2 of which are kept between its passes.
// Numbers are rounded where libjpeg rounds them, so that the pixels are the same.
constexpr int POINT = 13, KEPT = 2;
constexpr int C_0_298 = 2446, C_0_390 = 3196, C_0_541 = 4433, C_0_765 = 6270, C_0_899 = 7373, C_1_175 = 9633;
constexpr int C_1_501 = 12299, C_1_847 = 15137, C_1_961 = 16069, C_2_053 = 16819, C_2_562 = 20995, C_3_072 = 25172;

const auto rounded = [](int x, int bits) { return (x + (1 << (bits - 1))) >> bits; };
const int stride = plane.shape[2];
unsigned char* const rows = plane.data + ((long long)image * plane.shape[1] + block_row * 8) * stride;
const int* const table = tables.data + image * 128 + (chroma ? 64 : 0);

// The odd half, which is its own inverse but for the order: four numbers in, four out.
const auto odd = [](int& a, int& b, int& c, int& d) {
    const int all = (a + c + b + d) * C_1_175;
    const int ad = (a + d) * -C_0_899, bc = (b + c) * -C_2_562;
    const int ac = (a + c) * -C_1_961 + all, bd = (b + d) * -C_0_390 + all;
    a = a * C_0_298 + ad + ac;
    b = b * C_2_053 + bc + bd;
    c = c * C_3_072 + bc + ac;
    d = d * C_1_501 + ad + bd;
};
// bits: of the point that a pass takes away; sums: those of the numbers that no constant multiplied, negative to shift up.
const auto forward = [&](int* v, int step, int sums, int bits) {
    int a = v[3 * step] - v[4 * step], b = v[2 * step] - v[5 * step];
    int c = v[1 * step] - v[6 * step], d = v[0] - v[7 * step];
    const int s0 = v[0] + v[7 * step], s1 = v[1 * step] + v[6 * step];
    const int s2 = v[2 * step] + v[5 * step], s3 = v[3 * step] + v[4 * step];
    const int e0 = s0 + s3, e1 = s1 + s2, e2 = s1 - s2, e3 = s0 - s3, shared = (e2 + e3) * C_0_541;
    v[0] = sums < 0 ? (e0 + e1) * (1 << -sums) : rounded(e0 + e1, sums);
    v[4 * step] = sums < 0 ? (e0 - e1) * (1 << -sums) : rounded(e0 - e1, sums);
    v[2 * step] = rounded(shared + e3 * C_0_765, bits);
    v[6 * step] = rounded(shared - e2 * C_1_847, bits);
    odd(a, b, c, d);
    v[7 * step] = rounded(a, bits);
    v[5 * step] = rounded(b, bits);
    v[3 * step] = rounded(c, bits);
    v[1 * step] = rounded(d, bits);
};
const auto inverse = [&](int* v, int step, int bits) {
    int a = v[7 * step], b = v[5 * step], c = v[3 * step], d = v[1 * step];
    const int shared = (v[2 * step] + v[6 * step]) * C_0_541;
    const int low = shared - v[6 * step] * C_1_847, high = shared + v[2 * step] * C_0_765;
    const int sum = (v[0] + v[4 * step]) * (1 << POINT), difference = (v[0] - v[4 * step]) * (1 << POINT);
    const int e0 = sum + high, e3 = sum - high, e1 = difference + low, e2 = difference - low;
    odd(a, b, c, d);
    v[0] = rounded(e0 + d, bits);
    v[7 * step] = rounded(e0 - d, bits);
    v[1 * step] = rounded(e1 + c, bits);
    v[6 * step] = rounded(e1 - c, bits);
    v[2 * step] = rounded(e2 + b, bits);
    v[5 * step] = rounded(e2 - b, bits);
    v[3 * step] = rounded(e3 + a, bits);
    v[4 * step] = rounded(e3 - a, bits);
};

for (int block = first; block < last; ++block) {
    unsigned char* const corner = rows + block * 8;
    int v[64];
    for (int i = 0; i < 64; ++i) v[i] = (int)corner[(i >> 3) * stride + (i & 7)] - 128;
    for (int i = 0; i < 8; ++i) forward(v + i * 8, 1, -KEPT, POINT - KEPT);
    for (int i = 0; i < 8; ++i) forward(v + i, 8, KEPT, POINT + KEPT);
    for (int i = 0; i < 64; ++i) {
        // The transform's numbers are eight times too large. Those below 2^23 are divided as floats without an error.
        const int size = v[i] < 0 ? -v[i] : v[i];
        const int whole = (int)((float)(size + table[i] * 4) / (float)(table[i] * 8)) * table[i];
        v[i] = v[i] < 0 ? -whole : whole;
    }
    for (int i = 0; i < 8; ++i) inverse(v + i, 8, POINT - KEPT);
    for (int i = 0; i < 8; ++i) inverse(v + i * 8, 1, POINT + KEPT + 3);
    for (int i = 0; i < 64; ++i) {
        const int value = v[i] + 128;
        corner[(i >> 3) * stride + (i & 7)] = (unsigned char)(value < 0 ? 0 : (value > 255 ? 255 : value));
    }
}
