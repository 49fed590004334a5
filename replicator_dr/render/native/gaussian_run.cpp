// gaussian.gaussian_run: pixels x_begin to x_end - 1 of row y of one image, each the weighted mean of its neighbours
// along x or, with down = 1, along y. Beyond the border lies what is on it.
//
// A tap at a time goes over all floats of a run, which a CPU does with vector instructions; on CUDA a thread has a pixel.
#if defined(__CUDA_ARCH__)
constexpr int LANES = 4;
#else
constexpr int LANES = 256;
#endif
const int height = source.shape[1], width = source.shape[2];
const int reach = reaches.data[listed];
const float* weight = weights.data + listed * weights.shape[1];
const float* image = source.data + (long long)origin * height * width * 4;
float* out = result.data + ((long long)to * height + y) * width * 4;
const auto within = [](int i, int count) { return i < 0 ? 0 : (i < count ? i : count - 1); };

for (int first = x_begin; first < x_end; first += LANES / 4) {
    const int pixels = x_end - first < LANES / 4 ? x_end - first : LANES / 4, count = pixels * 4;
    float sum[LANES];
    for (int i = 0; i < count; ++i) sum[i] = 0.0f;
    for (int tap = -reach; tap <= reach; ++tap) {
        const float share = weight[tap < 0 ? -tap : tap];
        const float* row = image + (long long)(down ? within(y + tap, height) : y) * width * 4;
        const int x = down ? first : first + tap;
        if (x >= 0 && x + pixels <= width) {
            const float* values = row + (long long)x * 4;
            for (int i = 0; i < count; ++i) sum[i] += share * values[i];
        } else {
            for (int i = 0; i < count; ++i) sum[i] += share * row[(long long)within(x + i / 4, width) * 4 + i % 4];
        }
    }
    for (int i = 0; i < count; ++i) out[(long long)first * 4 + i] = sum[i];
}
