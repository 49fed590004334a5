// Between fragments 2 and 3 of shade.expose_rows: the mean radiance of a pixel, linear, for a film.
float* image_film = rgb.data + (long long)frame * rgb.shape[1] * width * 4;

// Samples stay as they are: light adds up before anything answers to it.
const auto ready = [](float*, float*, float*, int) {};

const auto put = [&](float red, float green, float blue, int at) {
    float* film = image_film + (long long)at * 4;
    film[0] = red;
    film[1] = green;
    film[2] = blue;
};
const auto put_all = [&](const float* red, const float* green, const float* blue, int pixels, const int* at) {
    for (int i = 0; i < pixels; ++i) put(red[i], green[i], blue[i], at[i]);
};
const auto put_run = [&](const float* red, const float* green, const float* blue, int pixels, int at) {
    for (int i = 0; i < pixels; ++i) put(red[i], green[i], blue[i], at + i);
};
// What a surface in a pixel shows, for film.blend_film: three numbers of 21 bits, c / (1 + c).
const auto waiting = [](float red, float green, float blue, float) {
    const auto fixed = [](float value) { return (wp::int64)(value / (1.0f + value) * 2097151.0f + 0.5f); };
    return fixed(red) | fixed(green) << 21 | fixed(blue) << 42;
};
