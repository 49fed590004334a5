// Between fragments 2 and 3 of shade.shade_rows: what becomes of radiance in an ordinary image.
//
// Each sample is compressed to c / (1 + c) before the mean is taken, so that one very bright sample does not eat up the
// antialiasing of its pixel; the table then goes from compressed radiance to bytes.
constexpr float ENCODE_STEPS = 4095.0f;
wp::uint32* image_rgb = (wp::uint32*)(rgb.data + (long long)frame * rgb.shape[1] * width * 4);
const auto step_of = [](float compressed) { return (int)(compressed * ENCODE_STEPS + 0.5f); };
const auto coded = [&](float red, float green, float blue) {
    const int* code_of = encode.data;
    return (wp::uint32)(code_of[step_of(red)] | (code_of[step_of(green)] << 8) | (code_of[step_of(blue)] << 16)
                        | (255 << 24));
};
const auto code_all = [&](const float* red, const float* green, const float* blue, int pixels, int* code) {
    const int* code_of = encode.data;
    EACH_SAMPLE
    for (int i = 0; i < pixels; ++i)
        code[i] = code_of[step_of(red[i])] | (code_of[step_of(green[i])] << 8) | (code_of[step_of(blue[i])] << 16)
            | (255 << 24);
};

// Radiance of samples, in place, to what means are taken of.
const auto ready = [](float* red, float* green, float* blue, int samples) {
    EACH_SAMPLE
    for (int i = 0; i < samples; ++i) {
        red[i] /= 1.0f + red[i];
        green[i] /= 1.0f + green[i];
        blue[i] /= 1.0f + blue[i];
    }
};

// A pixel; several, whose samples are ready; and a run of them, straight from radiance.
const auto put = [&](float red, float green, float blue, int at) { image_rgb[at] = coded(red, green, blue); };
const auto put_all = [&](const float* red, const float* green, const float* blue, int pixels, const int* at) {
    if (loose == 0 && pixels > 0 && at[pixels - 1] - at[0] == pixels - 1) {  // whole runs, without a gap
        code_all(red, green, blue, pixels, (int*)image_rgb + at[0]);
        return;
    }
    int code[HELD];
    code_all(red, green, blue, pixels, code);
    for (int i = 0; i < pixels; ++i) image_rgb[at[i]] = (wp::uint32)code[i];
};
const auto put_run = [&](float* red, float* green, float* blue, int pixels, int at) {
    ready(red, green, blue, pixels);
    code_all(red, green, blue, pixels, (int*)image_rgb + at);
};
// The share of a pixel that a surface in it takes, for shade.blend_pixel: three numbers of 21 bits that add up.
const auto waiting = [](float red, float green, float blue, float share) {
    const auto fixed = [&](float value) { return (wp::int64)(value * share * 1048576.0f + 0.5f); };
    return fixed(red) | fixed(green) << 21 | fixed(blue) << 42;
};
