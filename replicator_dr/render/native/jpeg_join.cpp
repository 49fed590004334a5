// jpeg.join_row: the pixels of row y over chroma columns first to last - 1, from the planes. A half-sized plane is
// enlarged with 3/4 of the nearest and 1/4 of the next value in each direction, unless it is two columns wide or less.
#if defined(__CUDA_ARCH__)
constexpr int LANES = 1;
#else
constexpr int LANES = 32;
#endif
constexpr int HALF = 1 << 15;
const int height = (rgb.shape[1] + 1) / 2, width = (rgb.shape[2] + 1) / 2;
unsigned char* const line = rgb.data + ((long long)image * rgb.shape[1] + y) * rgb.shape[2] * 4;
const unsigned char* const grey = luma.data + ((long long)listed * luma.shape[1] + y) * luma.shape[2];
const auto within = [](int i, int count) { return i < 0 ? 0 : (i < count ? i : count - 1); };
const int stride = blue.shape[2], next = within((y >> 1) + 2 * (y & 1) - 1, height);
const long long plane = (long long)listed * blue.shape[1] * stride;
const auto clamped = [](int x) { return (unsigned char)(x < 0 ? 0 : (x > 255 ? 255 : x)); };

for (int begin = first; begin < last; begin += LANES) {
    const int count = last - begin < LANES ? last - begin : LANES;
    int colors[2][2 * LANES];
    for (int color = 0; color < 2; ++color) {
        const unsigned char* const data = (color == 0 ? blue.data : red.data) + plane;
        const unsigned char* const here = data + (long long)(y >> 1) * stride;
        const unsigned char* const beside = data + (long long)next * stride;
        int* const out = colors[color];
        if (width <= 2) {
            for (int k = 0; k < count; ++k) out[2 * k] = out[2 * k + 1] = here[begin + k] - 128;
            continue;
        }
        int sum[LANES + 2];
        sum[0] = 3 * here[within(begin - 1, width)] + beside[within(begin - 1, width)];
        for (int k = 0; k < count; ++k) sum[k + 1] = 3 * here[begin + k] + beside[begin + k];
        sum[count + 1] = 3 * here[within(begin + count, width)] + beside[within(begin + count, width)];
        for (int k = 0; k < count; ++k) {
            out[2 * k] = ((3 * sum[k + 1] + sum[k] + 8) >> 4) - 128;
            out[2 * k + 1] = ((3 * sum[k + 1] + sum[k + 2] + 7) >> 4) - 128;
        }
    }
    const int pixels = rgb.shape[2] - 2 * begin < 2 * count ? rgb.shape[2] - 2 * begin : 2 * count;
    unsigned char* const out = line + 8 * begin;
    const unsigned char* const light = grey + 2 * begin;
    const int *const to_blue = colors[0], *const to_red = colors[1];
    for (int k = 0; k < pixels; ++k) {
        out[4 * k] = clamped(light[k] + ((91881 * to_red[k] + HALF) >> 16));
        out[4 * k + 1] = clamped(light[k] + ((HALF - 22554 * to_blue[k] - 46802 * to_red[k]) >> 16));
        out[4 * k + 2] = clamped(light[k] + ((116130 * to_blue[k] + HALF) >> 16));
    }
}
