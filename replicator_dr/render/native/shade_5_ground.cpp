// Fragment 5 of shade.shade_rows: what the ground (ground.py) takes away from the domes' light, and what it sends back.

RECORD ground = frames.grounds.data[frame];
const V ground_up = load3(ground.normal), ground_u = load3(ground.axis_u), ground_v = load3(ground.axis_v);
const V ground_at = load3(ground.centre), ground_color = load3(ground.albedo);
constexpr float SUNK = 1e-3f;  // what lies deeper than this share of the ground's half sides is below it
constexpr float TWICE = 1.5f;  // share of the occlusion that is the ground's, counted already as what is below, over that
constexpr float LEVEL = 0.99999f;  // cosine to the ground's normal from which on a surface is level
constexpr float DULL = 0.1f;  // what reflects less straight on mirrors no ground; from twice as much on, all of it

// Of each sample: the share of its diffuse light, and of what it mirrors, that comes from the ground.
float below[HELD], under[HELD], met_x[HELD], met_y[HELD], met_z[HELD];  // met: where its mirrored ray meets the ground
bool tilted = false;  // whether any of them sees the ground

const auto see_ground = [&]() {
    const int end = lanes;
    const V up = ground_up, along_u = ground_u, along_v = ground_v, middle = ground_at;
    const float half_u = ground.half_u, half_v = ground.half_v, lowest = -SUNK * (half_u + half_v);
    // Most samples are of the ground itself, or level as it is.
    float least = 1.0f, most = 0.0f;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float level = nx[i] * up.x + ny[i] * up.y + nz[i] * up.z;
        const float shine = larger(fr[i], larger(fg[i], fb[i]));
        least = level < least ? level : least;
        most = shine > most ? shine : most;
        below[i] = under[i] = 0.0f;
    }
    tilted = ground.on && least < LEVEL;
    const bool shiny = most > DULL;
    if (!tilted) return;
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
        below[i] = larger(0.5f - 0.5f * dot(normal, up), 0.0f) * within;
        open[i] += (1.0f - open[i]) * TWICE * below[i];
    }
    if (!shiny) return;
    // A rough surface mirrors a lobe. What counts is the share of it below the horizon, the middle of that, and what of a
    // spot of its size lies within the ground's borders; a surface that lies level sees nothing of it.
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const V normal{nx[i], ny[i], nz[i]}, place{wx[i] - middle.x, wy[i] - middle.y, wz[i] - middle.z};
        const float height = dot(place, up), twice = 2.0f * nv[i];
        const V d{normal.x * twice - vx[i], normal.y * twice - vy[i], normal.z * twice - vz[i]};
        const float rise = dot(d, up), spread = clamped(0.02f + 1.6f * rough[i] * rough[i], 0.0f, 1.0f);
        const float drop = 0.5f * (wp::sqrt(rise * rise + spread * spread) - rise);
        const float far_off = larger(height, 0.0f) / drop, lower = rise + drop;
        const V hit{place.x + (d.x - up.x * lower) * far_off, place.y + (d.y - up.y * lower) * far_off,
                    place.z + (d.z - up.z * lower) * far_off};
        const float blur = 0.5f / (far_off * spread + 1e-4f);
        const float in_u = clamped(0.5f + (half_u - positive(dot(hit, along_u))) * blur, 0.0f, 1.0f);
        const float in_v = clamped(0.5f + (half_v - positive(dot(hit, along_v))) * blur, 0.0f, 1.0f);
        const float slope = clamped(4.0f * (1.0f - dot(normal, up)), 0.0f, 1.0f);
        const float share = clamped(0.5f - 0.5f * rise / spread, 0.0f, 1.0f) * slope * in_u * in_v;
        const float shine = clamped((larger(fr[i], larger(fg[i], fb[i])) - DULL) / DULL, 0.0f, 1.0f);
        under[i] = height > lowest ? share * shine : 0.0f;
        met_x[i] = middle.x + hit.x;
        met_y[i] = middle.y + hit.y;
        met_z[i] = middle.z + hit.z;
    }
};
