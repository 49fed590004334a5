// Where on the lights' depth maps the places of one run of pixels lie. The body of map_fit.measure_run.
//
// Every second pixel: what lies between two of them is within the margin that map_fit leaves.
#if defined(__CUDA_ARCH__)
constexpr int LANES = 1;
#else
constexpr int LANES = 16;
#endif
constexpr float NEAREST = 1e-3f, FAR_AWAY = 1e8f, BIG = 1e30f;
const auto view = views.data[frame];
const int width = depth.shape[2], height = depth.shape[1], count = shadows.shape[1];
const float* line = depth.data + ((long long)frame * height + row) * width;
const float step = 2.0f / view.focal[0], down = (row + 0.5f - view.centre[1]) / view.focal[1];
const float across = (begin + 0.5f - view.centre[0]) / view.focal[0];
const int length = (end - begin + 1) / 2;
for (int s = 0; s < count; ++s) {
    const auto& shadow = shadows.data[(long long)frame * count + s];
    if (shadow.active == 0 || shadow.perspective == 2) continue;
    // A place on the map is ``origin`` plus depth times (first + i * next).
    float origin[3], first[3], next[3];
    for (int k = 0; k < 3; ++k) {
        const auto& m = shadow.matrix.data[k];
        float axis[3];
        for (int j = 0; j < 3; ++j)
            axis[j] = m[0] * view.rotation.data[0][j] + m[1] * view.rotation.data[1][j] + m[2] * view.rotation.data[2][j];
        origin[k] = m[0] * view.origin[0] + m[1] * view.origin[1] + m[2] * view.origin[2] + shadow.offset[k];
        first[k] = axis[0] * across + axis[1] * down + axis[2];
        next[k] = axis[0] * step;
    }
    const bool parallel = shadow.perspective == 0;
    const float side = (float)shadow.side;
    float low_x[LANES], low_y[LANES], high_x[LANES], high_y[LANES];
    for (int k = 0; k < LANES; ++k) {
        low_x[k] = low_y[k] = BIG;
        high_x[k] = high_y[k] = -BIG;
    }
    for (int start = 0; start < length; start += LANES)
        for (int k = 0; k < LANES; ++k) {
            const int i = start + k < length ? start + k : length - 1;
            const float z = line[begin + 2 * i], ahead = origin[2] + z * (first[2] + i * next[2]);
            const float shrink = parallel ? 1.0f : 1.0f / (ahead > NEAREST ? ahead : NEAREST);
            const float x = (origin[0] + z * (first[0] + i * next[0])) * shrink;
            const float y = (origin[1] + z * (first[1] + i * next[1])) * shrink;
            // Beside the map nothing can stand in the light.
            const bool counts = (z < FAR_AWAY) & (x >= 0.0f) & (y >= 0.0f) & (x <= side) & (y <= side)
                & (parallel | (ahead > NEAREST));
            const float some_x = counts ? x : BIG, some_y = counts ? y : BIG;
            low_x[k] = some_x < low_x[k] ? some_x : low_x[k];
            low_y[k] = some_y < low_y[k] ? some_y : low_y[k];
            const float any_x = counts ? x : -BIG, any_y = counts ? y : -BIG;
            high_x[k] = any_x > high_x[k] ? any_x : high_x[k];
            high_y[k] = any_y > high_y[k] ? any_y : high_y[k];
        }
    float x0 = BIG, y0 = BIG, x1 = -BIG, y1 = -BIG;
    for (int k = 0; k < LANES; ++k) {
        x0 = low_x[k] < x0 ? low_x[k] : x0;
        y0 = low_y[k] < y0 ? low_y[k] : y0;
        x1 = high_x[k] > x1 ? high_x[k] : x1;
        y1 = high_y[k] > y1 ? high_y[k] : y1;
    }
    if (x0 == BIG) continue;
    float* kept = bounds.data + ((long long)image * count + s) * 4;
    const float found[4] = {x0, y0, -x1, -y1};
    for (int k = 0; k < 4; ++k)
        if (found[k] < kept[k]) wp::atomic_min(kept + k, found[k]);
}
