// The mean of a run's neighbours in one direction that lie at about its depth. The body of occlusion.smooth_run.
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 1;
#else
constexpr int ROOM = 64;
#endif
constexpr int REACH = 2;         // neighbours on each side
constexpr float ALIKE = 0.015f;  // difference of depth, as a share of it

const int width = depth.shape[2], height = depth.shape[1], columns = rough.shape[2], rows = rough.shape[1];
const float* image_depth = depth.data + (long long)frame * width * height;
const float* source = rough.data + (long long)image * rows * columns;
float* target = smooth.data + ((long long)image * rows + row) * columns;
const auto depth_row = [&](int v) { return image_depth + (long long)(2 * v < height ? 2 * v : height - 1) * width; };

float sum[ROOM], weight[ROOM], here[ROOM];
for (int start = begin; start < end; start += ROOM) {
    const int count = end - start < ROOM ? end - start : ROOM;
    const float* line = depth_row(row);
    for (int i = 0; i < count; ++i) {
        const int x = 2 * (start + i) < width ? 2 * (start + i) : width - 1;
        here[i] = line[x];
        sum[i] = weight[i] = 0.0f;
    }
    for (int step = -REACH; step <= REACH; ++step) {
        const int v = down ? row + step : row, across = down ? 0 : step;
        if (v < 0 || v >= rows) continue;
        const float* other = depth_row(v);
        const float* open = source + (long long)v * columns;
        for (int i = 0; i < count; ++i) {
            int u = start + i + across;
            u = u < 0 ? 0 : (u >= columns ? columns - 1 : u);
            const float gap = other[2 * u < width ? 2 * u : width - 1] - here[i];
            const float near = gap * gap <= ALIKE * ALIKE * here[i] * here[i] ? 1.0f : 0.0f;
            sum[i] += near * open[u];
            weight[i] += near;
        }
    }
    for (int i = 0; i < count; ++i) target[start + i] = weight[i] > 0.0f ? sum[i] / weight[i] : 1.0f;
}
