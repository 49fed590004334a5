// develop.sense_run: pixels x_begin to x_end - 1 of row y of a film, in place, from light to what the sensor gives.
//
// Work goes in passes over small arrays, one element a pixel: on a CPU they become vector instructions, for which the
// logarithm, exponential, sine and cosine are written out; on CUDA a thread holds one pixel.
#if defined(__CUDA_ARCH__)
constexpr int LANES = 1;
#define EACH_PIXEL
#else
constexpr int LANES = 64;
#define EACH_PIXEL _Pragma("clang loop vectorize(assume_safety)")
#endif
constexpr unsigned GOLDEN_STEP = 0x9E3779B9u;
constexpr float UNIT = 1.0f / 16777216.0f, LN_2 = 0.69314718f, LARGE_MEAN = 16.0f, EXACT = 8388608.0f;
constexpr float HEADROOM = 4.0f;    // sensor.HEADROOM
constexpr float BLACK = 32768.0f;   // steps below zero that a converter still tells apart
constexpr int MOST_ELECTRONS = 80;  // a Poisson number of mean LARGE_MEAN is not larger, with probability 1 - 1e-24

constexpr unsigned DEFECTS = 0x50697865u;  // keeps the random numbers of defects, which no frame changes, apart

const auto how = developments.data[frame];
const int width = film.shape[2];
float* row = film.data + ((long long)frame * film.shape[1] + y) * width * 4;

// Wellons' lowbias32, and path/sequence.joined.
const auto mix = [](unsigned x) {
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15)) * 0x846CA68Bu;
    return x ^ (x >> 16);
};
const auto join = [&](unsigned a, unsigned b) { return mix(a ^ (mix(b) + GOLDEN_STEP + (a << 6) + (a >> 2))); };
// 0 < u < 1: a word of a pixel's stream.
const auto uniform = [&](unsigned stream, unsigned place) {
    return ((float)(int)(mix(stream + (place + 1u) * GOLDEN_STEP) >> 9) * 2.0f + 1.0f) * UNIT;
};
// ln x for normal x > 0, to 1e-7: 2 artanh((m - 1) / (m + 1)) of the mantissa, around 1.
const auto ln = [](float x) {
    union { float number; int bits; } u;
    u.number = x;
    int exponent = (u.bits >> 23) - 127;
    u.bits = (u.bits & 0x7FFFFF) | 0x3F800000;
    const bool high = u.number > 1.41421356f;
    const float m = high ? 0.5f * u.number : u.number;
    exponent += high ? 1 : 0;
    const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
    const float series = 2.0f + q * (0.66666667f + q * (0.4f + q * (0.28571429f + q * 0.22222222f)));
    return (float)exponent * LN_2 + s * series;
};
// e^x for x up to 80, to 3e-7; e^-80 below that.
const auto exponential = [](float x) {
    const float turns = (x > -80.0f ? x : -80.0f) * 1.44269504f;
    const int whole = (int)(turns + 256.5f) - 256;
    const float f = (turns - (float)whole) * LN_2;
    const float part = 1.0f + f * (1.0f + f * (0.5f + f * (0.16666667f + f * (0.04166667f + f * (0.00833333f
        + f * 0.00138889f)))));
    union { int bits; float number; } u;
    u.bits = (whole + 127) << 23;
    return part * u.number;
};

const unsigned image = join(join(how.seed, how.frame), how.camera);
const float steps_of_electron = how.full > 0.0f ? how.steps / how.full : 0.0f;
const float electron_of_step = how.steps > 0.0f ? how.full / how.steps : 0.0f;
const bool noisy = how.well > 0.0f;
const bool defective = how.hot > 0.0f || how.dead > 0.0f;
const unsigned defects = join(how.seed ^ DEFECTS, how.camera);

for (int first = x_begin; first < x_end; first += LANES) {
    const int count = x_end - first < LANES ? x_end - first : LANES;
    float light[LANES], mean[LANES], read[LANES], shot[LANES], small[LANES];
    unsigned stream[LANES];
    const float down = ((float)y + 0.5f - how.centre[1]) / how.focal[1];
    EACH_PIXEL
    for (int i = 0; i < count; ++i) {
        const float across = ((float)(first + i) + 0.5f - how.centre[0]) / how.focal[0];
        // cos^4 of the angle to the axis is 1 / (1 + across^2 + down^2)^2.
        light[i] = how.light * exponential(-2.0f * how.vignetting * ln(1.0f + across * across + down * down));
        stream[i] = join(image, (unsigned)(y * width + first + i));
    }
    for (unsigned channel = 0; channel < 3; ++channel) {
        float* value = row + (long long)first * 4 + channel;
        const float readout = how.amplification * how.balance[channel];
        if (!noisy) {
            for (int i = 0; i < count; ++i) value[i * 4] *= light[i] * how.gain * readout;
            continue;
        }
        EACH_PIXEL
        for (int i = 0; i < count; ++i) {
            mean[i] = value[i * 4] * light[i] * how.well;
            // Box and Muller's transform: two normal numbers from two words.
            const float radius = wp::sqrt(-2.0f * ln(uniform(stream[i], channel * 3 + 1)));
            const float turn = uniform(stream[i], channel * 3 + 2) - 0.5f;
            const int quarter = (int)(turn * 4.0f + 2.5f) - 2;
            const float angle = (turn - 0.25f * (float)quarter) * 6.28318531f, q = angle * angle;
            const float sine = angle * (1.0f + q * (-0.16666667f + q * (0.00833333f - q * 0.00019841f)));
            const float cosine = 1.0f + q * (-0.5f + q * (0.04166667f + q * (-0.00138889f + q * 0.00002480f)));
            const bool odd = (quarter & 1) != 0;
            const float a = odd ? sine : cosine, b = odd ? cosine : sine;
            read[i] = radius * ((quarter + 1) & 2 ? -a : a);
            const float z = radius * (quarter & 2 ? -b : b);
            // A large mean: Cornish and Fisher's expansion of the Poisson quantile to the fourth cumulant.
            const float most = mean[i] > 1.0f ? mean[i] : 1.0f, root = wp::sqrt(most);
            const float wide = most + root * z + (z * z - 1.0f) * 0.16666667f + (z - z * z * z) / (72.0f * root);
            const float whole = (float)(int)((wide < EXACT ? (wide > 0.0f ? wide : 0.0f) : EXACT) + 0.5f);
            shot[i] = wide < EXACT ? whole : wide;
            small[i] = uniform(stream[i], channel * 3);
        }
        // A small one by inversion.
        for (int i = 0; i < count; ++i) {
            if (mean[i] > LARGE_MEAN) continue;
            const float rate = mean[i] > 0.0f ? mean[i] : 0.0f;
            float number = 0.0f, probability = wp::exp(-rate), below = probability;
            while (small[i] > below && number < MOST_ELECTRONS) {
                number += 1.0f;
                probability *= rate / number;
                below += probability;
            }
            shot[i] = number;
        }
        EACH_PIXEL
        for (int i = 0; i < count; ++i) {
            float electrons = (shot[i] + how.read_noise * read[i]) * how.gain;
            electrons = electrons < how.full ? electrons : how.full;
            // Below zero, too: a converter has a black level.
            const float step = electrons * steps_of_electron;
            const float rounded = (float)((int)((step > -BLACK ? step : -BLACK) + BLACK + 0.5f) - (int)BLACK) * electron_of_step;
            electrons = how.steps > 0.0f ? rounded : electrons;
            value[i * 4] = electrons / how.well * readout;
        }
    }
    if (!defective) continue;
    for (int i = 0; i < count; ++i) {
        const unsigned pixel = join(defects, (unsigned)(y * width + first + i));
        for (unsigned channel = 0; channel < 3; ++channel) {
            const float place = uniform(pixel, channel);
            float& value = row[(long long)(first + i) * 4 + channel];
            if (place < how.hot) value = HEADROOM * how.amplification * how.balance[channel];
            if (place > 1.0f - how.dead) value = 0.0f;
        }
    }
}
