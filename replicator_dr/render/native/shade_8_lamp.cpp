// Fragment 8 of shade.shade_rows: light from somewhere, and the surface's answer.

float area_x[HELD], area_y[HELD], area_z[HELD];  // see take_in
float shine_x[HELD], shine_y[HELD], shine_z[HELD], widened[HELD];

// The answer to light from direction l: ``matt`` of it counts for the diffuse part, ``bright`` for the mirrored one.
// GGX with Smith's shadowing and Schlick's Fresnel term (Walter et al. 2007, Karis 2013). alpha: squared roughness of the
// lobe, which lights with a surface widen.
const auto answer = [&](int i, V l, float alpha, float matt, float bright, V shine) {
    const float nl = larger(nx[i] * l.x + ny[i] * l.y + nz[i] * l.z, 0.0f);
    const float hx = vx[i] + l.x, hy = vy[i] + l.y, hz = vz[i] + l.z;
    const float s = 1.0f / wp::sqrt(larger(hx * hx + hy * hy + hz * hz, 1e-12f));
    const float nh = larger((nx[i] * hx + ny[i] * hy + nz[i] * hz) * s, 0.0f);
    const float vh = larger((vx[i] * hx + vy[i] * hy + vz[i] * hz) * s, 0.0f);
    const float alpha2 = alpha * alpha, half = 0.5f * alpha;
    const float q = nh * nh * (alpha2 - 1.0f) + 1.0f;
    const float mask = (nv[i] * (1.0f - half) + half) * (nl * (1.0f - half) + half);
    const float lobe = 0.25f * INVERSE_PI * alpha2 / (q * q * mask) * nl * bright;
    const float g = 1.0f - vh, g2 = g * g, f = g2 * g2 * g, rim = f * edge[i];
    const float back_r = fr[i] * (1.0f - f) + rim, back_g = fg[i] * (1.0f - f) + rim;
    const float back_b = fb[i] * (1.0f - f) + rim;
    const float spread = INVERSE_PI * matt;
    sum_r[i] += shine.x * (ar[i] * (1.0f - back_r) * spread + back_r * lobe);
    sum_g[i] += shine.y * (ag[i] * (1.0f - back_g) * spread + back_g * lobe);
    sum_b[i] += shine.z * (ab[i] * (1.0f - back_b) * spread + back_b * lobe);
};

const auto light_from_afar = [&](const auto& light) {
    const V toward = mul(load3(light.direction), -1.0f), shine = load3(light.color);
    const float gloss = light.specular;
    const int end = lanes;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        lx[i] = toward.x;
        ly[i] = toward.y;
        lz[i] = toward.z;
        far[i] = lit[i] = 1.0f;
    }
    if (light.shadow >= 0) cast_shadows(light);
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float nl = larger(nx[i] * toward.x + ny[i] * toward.y + nz[i] * toward.z, 0.0f);
        answer(i, toward, rough[i] * rough[i], nl * lit[i], gloss * lit[i], shine);
    }
};

// What a four-cornered light gives: the integral of the direction over the solid angle it fills, divided by pi
// (Lambert 1760). An edge counts with its angle over the angle's sine, here by a rational fit (Hill and Heitz 2017).
const auto edge_of = [&](V a, V b) {
    const float x = dot(a, b), y = positive(x);
    const float fit = (0.8543985f + (0.4965155f + 0.0145206f * y) * y) / (3.4175940f + (4.1616724f + y) * y);
    const float share = x > 0.0f ? fit : 0.5f / wp::sqrt(larger(1.0f - x * x, 1e-7f)) - fit;
    return mul(cross(a, b), share);
};
const auto unit = [&](V a) { return mul(a, 1.0f / wp::sqrt(larger(dot(a, a), 1e-20f))); };
const auto quad = [&](V middle, V u, V v) {
    const V a = unit(add(add(middle, u), v)), b = unit(add(sub(middle, u), v));
    const V c = unit(sub(sub(middle, u), v)), d = unit(sub(add(middle, u), v));
    return add(add(edge_of(a, b), edge_of(b, c)), add(edge_of(c, d), edge_of(d, a)));
};

// How a lamp of one kind fills the sky of each sample (area), and from where the lobe sees it (shine): the point of the
// lamp that lies nearest to the mirrored ray (Karis 2013), with the lobe as wide as the lamp makes it (widened).
const auto take_in = [&](const auto& light, auto kind_of) {
    const V from = load3(light.position), ahead = load3(light.direction);
    const V u = load3(light.axis_u), v = load3(light.axis_v);
    const float radius = light.radius, long_u = dot(u, u), long_v = dot(v, v);
    const int end = lanes;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const V d{from.x - wx[i], from.y - wy[i], from.z - wz[i]};
        const float twice = 2.0f * nv[i], square = larger(dot(d, d), 1e-12f), distance = wp::sqrt(square);
        const V r{nx[i] * twice - vx[i], ny[i] * twice - vy[i], nz[i] * twice - vz[i]};
        const float slant = larger(-dot(d, ahead) / distance, 0.0f);  // 0 behind what shines to one side
        V area, point;
        float size = radius;
        constexpr int kind = kind_of();
        if (kind == RECT) {
            area = quad(d, u, v);
            area = mul(area, (dot(area, d) < 0.0f ? -1.0f : 1.0f) * (slant > 0.0f ? 1.0f : 0.0f));
            const float facing = dot(r, ahead), t = dot(d, ahead) / (facing < -1e-4f ? facing : -1e-4f);
            const V hit = sub(mul(r, t < 0.0f ? 0.0f : t), d);
            const float a = clamped(dot(hit, u) / larger(long_u, 1e-12f), -1.0f, 1.0f);
            const float b = clamped(dot(hit, v) / larger(long_v, 1e-12f), -1.0f, 1.0f);
            point = add(d, add(mul(u, a), mul(v, b)));
            size = 0.5f * wp::sqrt(long_u + long_v);
        } else if (kind == CYLINDER) {
            // The rectangle that it shows, and the point of its axis nearest to the ray.
            const V side = cross(u, d);
            const float length = wp::sqrt(larger(dot(side, side), 1e-20f));
            area = quad(d, u, mul(side, radius / length));
            area = mul(area, dot(area, d) < 0.0f ? -1.0f : 1.0f);
            const float ru = dot(r, u), rd = dot(r, d), du = dot(d, u), across = long_u - ru * ru;
            const float a = clamped((rd * ru - du) / (across > 1e-9f ? across : 1e-9f), -1.0f, 1.0f);
            point = add(d, mul(u, a));
        } else {
            if (kind == DISK) {  // as a square of its size
                area = quad(d, u, v);
                area = mul(area, (dot(area, d) < 0.0f ? -1.0f : 1.0f) * (slant > 0.0f ? 1.0f : 0.0f));
            } else {
                area = mul(d, (radius * radius < square ? radius * radius / square : 1.0f) / distance);
            }
            const V off = sub(mul(r, dot(d, r)), d);
            const float length = wp::sqrt(larger(dot(off, off), 1e-20f));
            point = add(d, mul(off, radius < length ? radius / length : 1.0f));
        }
        lx[i] = d.x / distance;
        ly[i] = d.y / distance;
        lz[i] = d.z / distance;
        far[i] = distance;
        area_x[i] = area.x;
        area_y[i] = area.y;
        area_z[i] = area.z;
        lit[i] = dot(area, area) > 0.0f ? 1.0f : 0.0f;
        const V toward = unit(point);
        shine_x[i] = toward.x;
        shine_y[i] = toward.y;
        shine_z[i] = toward.z;
        widened[i] = size / (3.0f * distance);
    }
};

const auto light_from_lamp = [&](const auto& light) {
    const V shine = load3(light.color);
    const float gloss = light.specular;
    struct Rect { constexpr int operator()() const { return RECT; } };
    struct Disk { constexpr int operator()() const { return DISK; } };
    struct Tube { constexpr int operator()() const { return CYLINDER; } };
    struct Ball { constexpr int operator()() const { return SPHERE; } };
    if (light.kind == RECT) take_in(light, Rect{});
    else if (light.kind == DISK) take_in(light, Disk{});
    else if (light.kind == CYLINDER) take_in(light, Tube{});
    else take_in(light, Ball{});
    if (light.shadow >= 0) cast_shadows(light);
    const int end = lanes;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float filled = wp::sqrt(area_x[i] * area_x[i] + area_y[i] * area_y[i] + area_z[i] * area_z[i]);
        // The part above the horizon, as of a ball that fills as much of the sky: its sine is the root of that.
        const float above = nx[i] * area_x[i] + ny[i] * area_y[i] + nz[i] * area_z[i];
        const float sine = wp::sqrt(filled), level = filled * sine, rise = above + level;
        const float matt = above >= level ? above : (rise > 0.0f ? rise * rise / larger(4.0f * level, 1e-20f) : 0.0f);
        const float alpha = rough[i] * rough[i], wide = clamped(alpha + widened[i], 0.0f, 1.0f);
        const float shrink = alpha / wide;
        const V l{shine_x[i], shine_y[i], shine_z[i]};
        answer(i, l, alpha, 3.14159265f * matt * lit[i], 3.14159265f * filled * gloss * lit[i] * shrink * shrink, shine);
    }
};
