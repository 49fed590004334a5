// What share of a place shows a pattern's second look, 0 .. 1: share_at(pattern, place, reach, side).
//
// place: in repeats of the pattern; reach: how far a pixel reaches there along each axis, over which the mean is taken,
// so that what is finer than a pixel fades to its mean instead of flickering; side: the axis to which the surface's normal
// is nearest. Formulas: render/pattern.py.
constexpr int NOISE = 0, MARBLE = 1, CHECKER = 2, STRIPES = 3, GRADIENT = 4, DOTS = 5;
constexpr float LEAST_WIDTH = 1e-3f;  // of an edge, in repeats
constexpr float BEND = 0.35f;         // of marble's veins: standard deviation in repeats
const auto unit_of = [](float v) { return v < 0.0f ? 0.0f : (v > 1.0f ? 1.0f : v); };
const auto most = [](float a, float b) { return a > b ? a : b; };

// A corner's gradient times the way from it (Perlin 2002); the hash is Wellons' lowbias32.
const auto corner_noise = [](int x, int y, int z, float dx, float dy, float dz) {
    unsigned int h = (unsigned int)x * 0x8da6b343u + (unsigned int)y * 0xd8163841u + (unsigned int)z * 0xcb1ab31fu;
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = (h ^ (h >> 15)) * 0x846ca68bu;
    h = (h ^ (h >> 16)) & 15u;
    const float u = h < 8u ? dx : dy, v = h < 4u ? dy : (h == 12u || h == 14u ? dx : dz);
    return ((h & 1u) ? -u : u) + ((h & 2u) ? -v : v);
};
const auto noise_at = [&](float x, float y, float z) {
    const float fx = wp::floor(x), fy = wp::floor(y), fz = wp::floor(z);
    const int i = (int)fx, j = (int)fy, k = (int)fz;
    const float a = x - fx, b = y - fy, c = z - fz;
    const auto eased = [](float t) { return t * t * t * (t * (t * 6.0f - 15.0f) + 10.0f); };
    const float u = eased(a), v = eased(b), w = eased(c);
    const auto row = [&](int dy, int dz) {
        const float first = corner_noise(i, j + dy, k + dz, a, b - dy, c - dz);
        return first + u * (corner_noise(i + 1, j + dy, k + dz, a - 1.0f, b - dy, c - dz) - first);
    };
    const float near_0 = row(0, 0), near_1 = row(1, 0), far_0 = row(0, 1), far_1 = row(1, 1);
    const float front = near_0 + v * (near_1 - near_0), back = far_0 + v * (far_1 - far_0);
    return front + w * (back - front);
};

// Octaves of noise, each twice as fine and half as strong; ``lost``: the variance, in that of the first octave, of those
// that are finer than ``width``.
const auto octaves_at = [&](int octaves, float x, float y, float z, float width, float* lost) {
    float sum = 0.0f, strength = 1.0f, fine = 1.0f;
    *lost = 0.0f;
#pragma unroll 1
    for (int i = 0; i < octaves; ++i) {
        const float kept = unit_of((1.0f - width * fine) * (1.0f / 0.6f)), shift = 31.416f * i;
        if (kept > 0.0f)
            sum += strength * kept * noise_at(x * fine + shift, y * fine - shift, z * fine + 0.618f * shift);
        *lost += strength * strength * (1.0f - kept * kept);
        strength *= 0.5f;
        fine *= 2.0f;
    }
    return sum;
};

// The mean over ``width`` of a wave that is 1 over the first ``share`` of each unit and 0 over the rest.
const auto wave_at = [](float x, float share, float width) {
    const auto below = [&](float t) {  // its integral
        const float whole = wp::floor(t), part = t - whole;
        return whole * share + (part < share ? part : share);
    };
    const float at = x - wp::floor(x), half = 0.5f * width;
    return (below(at + half) - below(at - half)) / width;
};

const auto share_at = [&](const auto& p, const wp::vec3& place, const wp::vec3& reach, int side) {
    const float x = place[0], y = place[1], z = place[2], wx = reach[0], wy = reach[1], wz = reach[2];
    const float widest = most(wx, most(wy, wz));
    if (p.kind == NOISE || p.kind == MARBLE) {
        float lost;
        const float height = octaves_at(p.octaves, x, y, z, widest, &lost);
        // What is too fine to show is taken for normal: its distribution function is as steep at its middle as this edge.
        const float unseen = lost * p.noise_variance;
        if (p.kind == NOISE) {
            const float edge = p.noise_edge * p.noise_edge + 6.2831853f * unseen + LEAST_WIDTH * LEAST_WIDTH;
            return unit_of(0.5f + (p.threshold - height) / wp::sqrt(edge));
        }
        const float bend = BEND / p.noise_spread;
        const float blur = most(3.0f * wx, p.softness) + bend * wp::sqrt(12.0f * unseen);
        return wave_at(x + bend * height, p.amount, most(blur, LEAST_WIDTH));
    }
    if (p.kind == CHECKER) {
        const auto sign = [&](float at, float width) {
            return 2.0f * wave_at(at, 0.5f, most(most(width, p.softness), LEAST_WIDTH)) - 1.0f;
        };
        return 0.5f + 0.5f * sign(x, wx) * sign(y, wy) * (p.solid ? sign(z, wz) : 1.0f);
    }
    if (p.kind == STRIPES) return wave_at(x, p.amount, most(most(wx, p.softness), LEAST_WIDTH));
    if (p.kind == GRADIENT) {
        const auto below = [](float t) {  // the integral of the triangle wave
            const float whole = wp::floor(t), part = t - whole;
            return 0.5f * whole + (part < 0.5f ? part * part : 2.0f * part - part * part - 0.5f);
        };
        const float at = x - wp::floor(x), width = most(wx, LEAST_WIDTH), half = 0.5f * width;
        return (below(at + half) - below(at - half)) / width;
    }
    const float first = side == 0 ? y : x, other = side == 2 ? y : z;
    const float dx = first - wp::floor(first) - 0.5f, dy = other - wp::floor(other) - 0.5f;
    const float wide = most(side == 0 ? wy : wx, side == 2 ? wy : wz), radius = 0.5f * p.amount;
    const float edge = most(most(wide, p.softness), LEAST_WIDTH);
    const float found = unit_of(0.5f + (radius - wp::sqrt(dx * dx + dy * dy)) / edge);
    return found + (3.1415927f * radius * radius - found) * unit_of(2.0f * wide - 1.0f);
};
