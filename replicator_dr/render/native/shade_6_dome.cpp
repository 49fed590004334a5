// Fragment 6 of shade.shade_rows: light from a dome, diffuse and mirrored.

// What is given back of light from the mirror direction: split-sum reflection. What the rim adds is Karis' fit for mobiles
// (2014), its exponential as a rational function; what white metal gives back is a polynomial fitted to the integral of
// GGX with Smith's masking, within 0.04 but for grazing angles.
const auto mirrored_part = [&](int i) INLINED {
    const float r = rough[i], r0 = 1.0f - r, fall = 6.4324f * nv[i];
    const float drop = 1.0f / (1.0f + fall * (1.0f + fall * (0.48f + fall * 0.235f)));
    const float a = (r0 * r0 < drop ? r0 * r0 : drop) * r0 - 0.0275f * r + 0.0425f;
    const float c = nv[i], slope = -0.0945f + c * (0.3542f + 0.1655f * c) - r * (0.5133f + 0.856f * c - 0.2199f * r);
    const float white = slope < 0.0f ? 1.0f + r * slope : 1.0f, bias = 0.022f * r - 0.04f + 1.04f * a;
    const float gain = white - bias, rim = bias * edge[i];
    return V{fr[i] * gain + rim, fg[i] * gain + rim, fb[i] * gain + rim};
};

// How much of the mirrored light is left where so much of the sky is open. What hides the sky stands low: rays mirrored at a
// grazing angle meet it most (the fourth power), those sent back least (the second).
const auto left_of = [&](int i) INLINED {
    const float square = open[i] * open[i];
    return square * (square + (1.0f - square) * nv[i] * nv[i]);
};

// What hides the sky from what mirrors it looks like this share of the ground: what comes nearest to path-traced frames of
// scenes/parts and tabletop.
constexpr float NEIGHBOUR = 0.7f;

// The surface's answer to a dome: ``soft`` from all sides, ``mirrored`` from the mirror direction, ``floor`` from the ground.
// What is mirrored does not get in to be scattered.
struct Grounded { constexpr bool operator()() const { return true; } };
struct Free { constexpr bool operator()() const { return false; } };  // the ground is not mirrored
const auto answer_dome = [&](int i, V soft, V mirrored, V floor, auto grounded) INLINED {
    const V back = mirrored_part(i);
    const float shown = grounded() ? under[i] : 0.0f, left = left_of(i), clear = left * (1.0f - shown);
    const float met = left * shown + NEIGHBOUR * (1.0f - left), free = open[i];
    sum_r[i] += ar[i] * (1.0f - back.x) * soft.x * free + back.x * (mirrored.x * clear + floor.x * met);
    sum_g[i] += ag[i] * (1.0f - back.y) * soft.y * free + back.y * (mirrored.y * clear + floor.y * met);
    sum_b[i] += ab[i] * (1.0f - back.z) * soft.z * free + back.z * (mirrored.z * clear + floor.z * met);
};

const auto light_from_dome = [&](const auto& light, auto grounded) {
    const V shine = load3(light.color);
    const int end = lanes;
    const int e = light.environment;
    if (e < 0) {
        const V floor = times(ground_color, shine);
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) answer_dome(i, shine, shine, floor, grounded);
        return;
    }
    RECORD m = light.from_world;
    V c[9];
    for (int k = 0; k < 9; ++k) c[k] = load3(surroundings.harmonics.data[e * 9 + k]);
    const float* maps_of = (const float*)(surroundings.reflections.data + (long long)e * BLURS * SIDE * SIDE);
    // Diffuse light: nine spherical harmonics of the normal.
    const auto soft_light = [&](V n) INLINED {
        const float p4 = n.x * n.y, p5 = n.y * n.z, p6 = 3.0f * n.z * n.z - 1.0f, p7 = n.x * n.z;
        const float p8 = n.x * n.x - n.y * n.y;
        return V{
            shine.x * larger(c[0].x + c[1].x * n.y + c[2].x * n.z + c[3].x * n.x + c[4].x * p4 + c[5].x * p5
                             + c[6].x * p6 + c[7].x * p7 + c[8].x * p8, 0.0f),
            shine.y * larger(c[0].y + c[1].y * n.y + c[2].y * n.z + c[3].y * n.x + c[4].y * p4 + c[5].y * p5
                             + c[6].y * p6 + c[7].y * p7 + c[8].y * p8, 0.0f),
            shine.z * larger(c[0].z + c[1].z * n.y + c[2].z * n.z + c[3].z * n.x + c[4].z * p4 + c[5].z * p5
                             + c[6].z * p6 + c[7].z * p7 + c[8].z * p8, 0.0f)};
    };
    const V floor = times(ground_color, soft_light(turn(m, ground_up)));
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float twice = 2.0f * nv[i];
        const V d = turn(m, V{nx[i] * twice - vx[i], ny[i] * twice - vy[i], nz[i] * twice - vz[i]});
        const V soft = soft_light(turn(m, V{nx[i], ny[i], nz[i]}));
        // Mirrored light: the octahedral map of the nearest blur (Cigolle et al. 2014).
        const int blur = (int)(rough[i] * (BLURS - 1) + 0.5f);
        const float sum = positive(d.x) + positive(d.y) + positive(d.z), flat_u = d.x / sum, flat_v = d.z / sum;
        const float au = 1.0f - positive(flat_u), av = 1.0f - positive(flat_v);
        const float u = d.y < 0.0f ? (flat_u < 0.0f ? -av : av) : flat_u;
        const float v = d.y < 0.0f ? (flat_v < 0.0f ? -au : au) : flat_v;
        const float px = clamped((u * 0.5f + 0.5f) * SIDE - 0.5f, 0.0f, SIDE - 1.001f);
        const float py = clamped((v * 0.5f + 0.5f) * SIDE - 0.5f, 0.0f, SIDE - 1.001f);
        const int x0 = (int)px, y0 = (int)py, at = ((blur * SIDE + y0) * SIDE + x0) * 3;
        const float right = px - x0, below = py - y0;
        const float *ta = maps_of + at, *tb = ta + 3, *tc = ta + SIDE * 3, *td = tc + 3;
        const float wa = (1.0f - right) * (1.0f - below), wb = right * (1.0f - below);
        const float wc = (1.0f - right) * below, wd = right * below;
        const V mirrored{shine.x * (ta[0] * wa + tb[0] * wb + tc[0] * wc + td[0] * wd),
                         shine.y * (ta[1] * wa + tb[1] * wb + tc[1] * wc + td[1] * wd),
                         shine.z * (ta[2] * wa + tb[2] * wb + tc[2] * wc + td[2] * wd)};
        answer_dome(i, soft, mirrored, floor, grounded);
    }
};
