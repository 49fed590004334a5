// Fragment 5 of shade.shade_rows: what the ground (ground.py) takes away from the domes' light.

const V ground_up = load3(ground.normal), ground_u = load3(ground.axis_u), ground_v = load3(ground.axis_v);
const V ground_at = load3(ground.centre), ground_color = load3(ground.albedo);
constexpr float SUNK = 1e-3f;  // what lies deeper than this share of the ground's half sides is below it
const float lowest = -SUNK * (ground.half_u + ground.half_v);
constexpr float TWICE = 1.5f;  // share of the occlusion that is the ground's, counted already as what is below, over that

// The share of each sample's diffuse light that comes from the ground; none of the ground's own samples' does.
const auto see_ground = [&]() {
    const int end = lanes;
    const V up = ground_up, along_u = ground_u, along_v = ground_v, middle = ground_at;
    const float half_u = ground.half_u, half_v = ground.half_v;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const V normal{nx[i], ny[i], nz[i]}, q{wx[i] - middle.x, wy[i] - middle.y, wz[i] - middle.z};
        const float height = dot(q, up), square = height * height + 1e-12f;
        // What of the lower half of the sky a rectangle at that depth hides: the product of what two strips do.
        const float at_u = dot(q, along_u), at_v = dot(q, along_v);
        const float a = half_u - at_u, b = half_u + at_u, c = half_v - at_v, d = half_v + at_v;
        const float strip_u = a / wp::sqrt(a * a + square) + b / wp::sqrt(b * b + square);
        const float strip_v = c / wp::sqrt(c * c + square) + d / wp::sqrt(d * d + square);
        const float within = height > lowest ? 0.25f * larger(strip_u, 0.0f) * larger(strip_v, 0.0f) : 0.0f;
        below[i] *= larger(0.5f - 0.5f * dot(normal, up), 0.0f) * within;
        under[i] = 0.0f;
        open[i] += (1.0f - open[i]) * TWICE * below[i];
    }
};
