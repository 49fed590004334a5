// Fragment 5 of shade.shade_rows: what the ground (ground.py) takes away from the domes' light, and what it sends back.

RECORD ground = frames.grounds.data[frame];
const V ground_up = load3(ground.normal), ground_u = load3(ground.axis_u), ground_v = load3(ground.axis_v);
const V ground_at = load3(ground.centre), ground_color = load3(ground.albedo);
constexpr float SUNK = 1e-3f;  // what lies deeper than this share of the ground's half sides is below it
constexpr float TWICE = 1.5f;  // share of the occlusion that is the ground's, counted already as what is below, over that

// Of each sample: the share of its diffuse light, and of what it mirrors, that comes from the ground.
float below[HELD], under[HELD];

// Where what a sample mirrors meets the ground, as far as it does (share). A rough surface mirrors a lobe: seen are the
// share of it below the horizon, the middle of that, and what of a spot of its size lies within the ground's borders.
struct Meeting {
    V place;
    float share;
};
const auto meet_ground = [&](int i) {
    const V normal{nx[i], ny[i], nz[i]}, place{wx[i], wy[i], wz[i]};
    const float height = dot(sub(place, ground_at), ground_up), level = dot(normal, ground_up);
    const V d = sub(mul(normal, 2.0f * nv[i]), V{vx[i], vy[i], vz[i]});
    const float rise = dot(d, ground_up), spread = clamped(0.02f + 1.6f * rough[i] * rough[i], 0.0f, 1.0f);
    const float drop = 0.5f * (wp::sqrt(rise * rise + spread * spread) - rise);
    const float far_off = larger(height, 0.0f) / drop;
    const V hit = add(place, mul(sub(d, mul(ground_up, rise + drop)), far_off)), q = sub(hit, ground_at);
    const float blur = 0.5f / (far_off * spread + 1e-4f);
    const float in_u = clamped(0.5f + (ground.half_u - positive(dot(q, ground_u))) * blur, 0.0f, 1.0f);
    const float in_v = clamped(0.5f + (ground.half_v - positive(dot(q, ground_v))) * blur, 0.0f, 1.0f);
    // A surface that lies level sees nothing of it.
    const float tilted = clamped(4.0f * (1.0f - level), 0.0f, 1.0f);
    const bool above = height > -SUNK * (ground.half_u + ground.half_v);
    return Meeting{hit, above ? clamped(0.5f - 0.5f * rise / spread, 0.0f, 1.0f) * tilted * in_u * in_v : 0.0f};
};

const auto see_ground = [&]() {
    const int end = lanes;
    if (!ground.on) {
        for (int i = 0; i < end; ++i) below[i] = under[i] = 0.0f;
        return;
    }
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        // What of the lower half of the sky a rectangle at that depth hides: the product of what two strips do.
        const V q{wx[i] - ground_at.x, wy[i] - ground_at.y, wz[i] - ground_at.z};
        const float height = dot(q, ground_up), square = height * height + 1e-12f;
        const auto hidden = [&](float at, float half) {
            const float a = half - at, b = half + at;
            return larger(0.5f * (a / wp::sqrt(a * a + square) + b / wp::sqrt(b * b + square)), 0.0f);
        };
        const float within = hidden(dot(q, ground_u), ground.half_u) * hidden(dot(q, ground_v), ground.half_v);
        const float level = nx[i] * ground_up.x + ny[i] * ground_up.y + nz[i] * ground_up.z;
        const bool above = height > -SUNK * (ground.half_u + ground.half_v);
        below[i] = above ? larger(0.5f - 0.5f * level, 0.0f) * within : 0.0f;
        under[i] = meet_ground(i).share;
        open[i] += (1.0f - open[i]) * TWICE * below[i];
    }
};
