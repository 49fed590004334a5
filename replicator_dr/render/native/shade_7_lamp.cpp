// Fragment 7 of shade.shade_rows: light from somewhere, and the surface's answer.

const auto light_from_lamp = [&](const auto& light) {
    const V shine = load3(light.color);
    const int end = lanes;
    const V ahead = load3(light.direction), from = load3(light.position);
    const bool round = light.kind == SPHERE || light.kind == CYLINDER;
    const float nearest = light.softness * light.softness + 1e-8f;
    if (light.kind == DISTANT) {
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) {
            lx[i] = -ahead.x;
            ly[i] = -ahead.y;
            lz[i] = -ahead.z;
            far[i] = lit[i] = 1.0f;
        }
    } else {
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) {
            const float dx = from.x - wx[i], dy = from.y - wy[i], dz = from.z - wz[i];
            const float square = larger(dx * dx + dy * dy + dz * dz, 1e-12f), length = wp::sqrt(square);
            lx[i] = dx / length;
            ly[i] = dy / length;
            lz[i] = dz / length;
            far[i] = length;
            const float slant = larger(-(lx[i] * ahead.x + ly[i] * ahead.y + lz[i] * ahead.z), 0.0f);
            lit[i] = (round ? 1.0f : slant) / larger(square, nearest);
        }
    }
    if (light.shadow >= 0) cast_shadows(light);
    // GGX with Smith's shadowing and Schlick's Fresnel term (Walter et al. 2007, Karis 2013).
    const float gloss = light.specular * 0.25f * INVERSE_PI;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float nl = larger(nx[i] * lx[i] + ny[i] * ly[i] + nz[i] * lz[i], 0.0f);
        const float hx = vx[i] + lx[i], hy = vy[i] + ly[i], hz = vz[i] + lz[i];
        const float s = 1.0f / wp::sqrt(larger(hx * hx + hy * hy + hz * hz, 1e-12f));
        const float nh = larger((nx[i] * hx + ny[i] * hy + nz[i] * hz) * s, 0.0f);
        const float vh = larger((vx[i] * hx + vy[i] * hy + vz[i] * hz) * s, 0.0f);
        const float alpha = rough[i] * rough[i], alpha2 = alpha * alpha, half = 0.5f * alpha;
        const float q = nh * nh * (alpha2 - 1.0f) + 1.0f;
        const float mask = (nv[i] * (1.0f - half) + half) * (nl * (1.0f - half) + half);
        const float lobe = gloss * alpha2 / (q * q * mask);
        const float g = 1.0f - vh, g2 = g * g, f = g2 * g2 * g, rim = f * edge[i];
        const float arrives = lit[i] * nl;
        const float back_r = fr[i] * (1.0f - f) + rim, back_g = fg[i] * (1.0f - f) + rim;
        const float back_b = fb[i] * (1.0f - f) + rim;
        sum_r[i] += shine.x * arrives * (ar[i] * (1.0f - back_r) * INVERSE_PI + back_r * lobe);
        sum_g[i] += shine.y * arrives * (ag[i] * (1.0f - back_g) * INVERSE_PI + back_g * lobe);
        sum_b[i] += shine.z * arrives * (ab[i] * (1.0f - back_b) * INVERSE_PI + back_b * lobe);
    }
};
