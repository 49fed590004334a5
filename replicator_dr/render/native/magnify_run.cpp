// chromatic.magnify_run: red and blue of pixels x_begin to x_end - 1 of row y, looked up bilinearly in the image as it
// was. The row that a channel is looked up in is the same for the whole row.
const int height = sharp.shape[1], width = sharp.shape[2];
const auto lens = lenses.data[listed];
const float* const before = sharp.data + (long long)lens.row * height * width * 4;
float* const out = film.data + ((long long)lens.row * height + y) * width * 4;

for (int channel = 0; channel < 3; channel += 2) {
    const float scale = 1.0f / (channel == 0 ? lens.red : lens.blue);
    const float top = (float)(height - 1), right = (float)(width - 1);
    const float line = lens.centre[1] + ((float)y + 0.5f - lens.centre[1]) * scale - 0.5f;
    const float place_y = line < 0.0f ? 0.0f : (line < top ? line : top);
    const int upper = (int)place_y, lower = upper + 1 < height ? upper + 1 : upper;
    const float down = place_y - (float)upper;
    const float* const above = before + (long long)upper * width * 4 + channel;
    const float* const below = before + (long long)lower * width * 4 + channel;
    const float origin = lens.centre[0] + (0.5f - lens.centre[0]) * scale - 0.5f;
    for (int x = x_begin; x < x_end; ++x) {
        const float raw = origin + (float)x * scale;
        const float place = raw < 0.0f ? 0.0f : (raw < right ? raw : right);
        const int left = (int)place, next = left + 1 < width ? left + 1 : left;
        const float across = place - (float)left;
        const float a = above[left * 4] + (above[next * 4] - above[left * 4]) * across;
        const float b = below[left * 4] + (below[next * 4] - below[left * 4]) * across;
        out[x * 4 + channel] = a + (b - a) * down;
    }
}
