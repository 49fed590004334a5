// Fragment 4 of shade.shade_rows: unit normals, and what the surfaces are made of.

// Texels of a picture (row) around a place: bilinear, repeating. Bytes hold square roots of linear values (texture.py).
const int *levels = (const int*)surroundings.levels.data, *texels = (const int*)surroundings.texels.data;
const auto texels_at = [&](int row, int level, float u, float v) INLINED {
    const int at = (row * LEVELS + level) * 2;
    const int origin = levels[at], size = levels[at + 1], columns = size & 0xFFFF, rows = size >> 16;
    const float px = (u - wp::floor(u)) * columns - 0.5f, py = (1.0f - (v - wp::floor(v))) * rows - 0.5f;
    const float fx = wp::floor(px), fy = wp::floor(py);
    int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1, y1 = y0 + 1;
    const float right = px - fx, below = py - fy;
    x0 = x0 < 0 ? columns - 1 : x0;
    y0 = y0 < 0 ? rows - 1 : y0;
    x1 = x1 >= columns ? 0 : x1;
    y1 = y1 >= rows ? 0 : y1;
    const int upper = origin + y0 * columns, lower = origin + y1 * columns;
    const int a = texels[upper + x0], b = texels[upper + x1];
    const int c = texels[lower + x0], d = texels[lower + x1];
    constexpr float STEP = 1.0f / (1023.0f * 1023.0f);
    const float wa = (1.0f - right) * (1.0f - below) * STEP, wb = right * (1.0f - below) * STEP;
    const float wc = (1.0f - right) * below * STEP, wd = right * below * STEP;
    const auto channel = [&](int shift) {
        const float ka = (float)((a >> shift) & 1023), kb = (float)((b >> shift) & 1023);
        const float kc = (float)((c >> shift) & 1023), kd = (float)((d >> shift) & 1023);
        return wa * ka * ka + wb * kb * kb + wc * kc * kc + wd * kd * kd;
    };
    return V{channel(0), channel(10), channel(20)};
};

// Texels of each sample's picture in ``texture`` into picked; white where there is no picture. A pixel sees an ellipse of
// it. Where that is longer than ASLANT times its width, and than so many texels, up to PROBES places along it are looked
// up, from a mipmap the finer the more of it they take in turn (split, 1 to PROBES; it grows steadily, so that no step
// shows).
constexpr int PROBES = 4;
constexpr float ASLANT = 2.5f;
constexpr float LEAST_SLANT = 1.0f / 16.0f;  // cosine of the view below which footprints get no longer
bool aslant = false;  // whether any sample is seen so
int probes[HELD], mipmap[HELD], several[HELD];
float reach[HELD];  // from the first place to the last, over the way that ``slide`` goes
struct Probed { constexpr bool operator()() const { return true; } };
struct Once { constexpr bool operator()() const { return false; } };
const auto look_up_first = [&](auto probed) {
    const int end = lanes;
    const float* size_of = surroundings.texture_detail.data;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const bool plain = texture[i] < 0;
        const int row = plain ? 0 : texture[i];
        const float fine = detail[i] + size_of[row];
        float level = fine - 0.5f * log2_of(slant[i]) + noise[i], u = tu[i], v = tv[i];
        if (probed()) {
            const float long_side = 1.0f / slant[i], length = long_side * power_of_2(clamped(fine, -20.0f, 0.0f));
            const float split = clamped(1.0f + 2.5f * (plain ? 0.0f : length - ASLANT), 1.0f, (float)PROBES);
            // The long axis is as much longer than the ray's way along the surface as the surface is seen aslant.
            const float square = long_side * long_side, along = square / wp::sqrt(larger(square - 1.0f, 1.0f));
            reach[i] = (1.0f - 1.0f / split) * along;
            probes[i] = (int)(split + 0.999f);
            level -= 0.5f * log2_of(split);
            u -= 0.5f * reach[i] * slide_u[i];
            v -= 0.5f * reach[i] * slide_v[i];
        }
        const int near = level <= 0.0f ? 0 : (level >= LEVELS - 1 ? LEVELS - 1 : (int)level);
        if (probed()) mipmap[i] = near;
        const V found = texels_at(row, near, u, v);
        picked_r[i] = plain ? 1.0f : found.x;
        picked_g[i] = plain ? 1.0f : found.y;
        picked_b[i] = plain ? 1.0f : found.z;
    }
};
const auto look_up = [&]() {
    if (!aslant) {
        look_up_first(Once{});
        return;
    }
    look_up_first(Probed{});
    int left = 0;
    for (int i = 0; i < lanes; ++i) {
        several[left] = i;
        left += probes[i] > 1 ? 1 : 0;
    }
    for (int probe = 1; left > 0; ++probe) {
        const float share = 1.0f / (probe + 1.0f);  // the mean of those so far
        EACH_SAMPLE
        for (int n = 0; n < left; ++n) {
            const int i = several[n];
            const float away = reach[i] * ((float)probe / (float)(probes[i] - 1) - 0.5f);
            const V found = texels_at(texture[i], mipmap[i], tu[i] + away * slide_u[i], tv[i] + away * slide_v[i]);
            picked_r[i] += (found.x - picked_r[i]) * share;
            picked_g[i] += (found.y - picked_g[i]) * share;
            picked_b[i] += (found.z - picked_b[i]) * share;
        }
        int kept = 0;
        for (int n = 0; n < left; ++n) {
            several[kept] = several[n];
            kept += probes[several[n]] > probe + 1 ? 1 : 0;
        }
        left = kept;
    }
};

// Pictures beside that of the colour: each is looked up only where a material in work has it.
const auto look_up_maps = [&]() {
    const int end = lanes;
    const auto choose = [&](const auto& row_of) {
        bool some_has = false;
        for (int i = 0; i < end; ++i) {
            texture[i] = row_of(material_of[substance[i]]);
            some_has |= texture[i] >= 0;
        }
        if (some_has) look_up();
        return some_has;
    };
    if (choose([](const auto& m) { return m.roughness_texture; }))
        for (int i = 0; i < end; ++i) {
            const float gain = texture[i] < 0 ? 0.0f : material_of[substance[i]].roughness_gain;
            rough[i] = clamped(rough[i] + gain * picked_r[i], 0.0f, 1.0f);
        }
    if (choose([](const auto& m) { return m.metallic_texture; }))
        for (int i = 0; i < end; ++i) {
            const float gain = texture[i] < 0 ? 0.0f : material_of[substance[i]].metallic_gain;
            metal[i] = clamped(metal[i] + gain * picked_r[i], 0.0f, 1.0f);
        }
    if (choose([](const auto& m) { return m.emission_texture; }))
        for (int i = 0; i < end; ++i) {
            sum_r[i] *= picked_r[i];
            sum_g[i] *= picked_g[i];
            sum_b[i] *= picked_b[i];
        }
    if (choose([](const auto& m) { return m.normal_texture; }))
        for (int i = 0; i < end; ++i) {
            if (texture[i] < 0) continue;
            // The picture's axes: the normal, the tangent at right angles to it, and their product; turned with the
            // texture coordinates.
            const auto& m = material_of[substance[i]];
            const V n{nx[i], ny[i], nz[i]}, raw{tx[i], ty[i], tz[i]};
            V t = sub(raw, mul(n, dot(n, raw)));
            const float square = dot(t, t);
            if (!(square > 1e-30f)) continue;
            t = mul(t, 1.0f / wp::sqrt(square));
            const V b = cross(n, t);
            const float ux = m.uv_row_u[0], uy = m.uv_row_u[1], scale = 1.0f / wp::sqrt(larger(ux * ux + uy * uy, 1e-20f));
            const V along = mul(add(mul(t, ux), mul(b, uy)), scale), across = cross(n, along);
            const float x = (2.0f * picked_r[i] - 1.0f) * m.normal_gain, y = (2.0f * picked_g[i] - 1.0f) * m.normal_gain;
            const float z = larger(2.0f * picked_b[i] - 1.0f, 0.01f);
            const V bent = add(add(mul(along, x), mul(across, y)), mul(n, z));
            const float shrink = 1.0f / wp::sqrt(dot(bent, bent));
            nx[i] = bent.x * shrink;
            ny[i] = bent.y * shrink;
            nz[i] = bent.z * shrink;
        }
};

const auto finish_surfaces = [&]() {
    const int end = lanes;
    int some = 0;
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const float s = 1.0f / wp::sqrt(larger(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i], 1e-30f));
        nx[i] *= s;
        ny[i] *= s;
        nz[i] *= s;
        const float cosine = nx[i] * vx[i] + ny[i] * vy[i] + nz[i] * vz[i];
        const float upright = clamped(cosine, LEAST_SLANT, 1.0f);
        slant[i] = upright;
        some |= upright * ASLANT < 1.0f ? 1 : 0;
    }
    aslant = some != 0;
    if (painted) {
        look_up();
        for (int i = 0; i < end; ++i) {
            ar[i] *= picked_r[i];
            ag[i] *= picked_g[i];
            ab[i] *= picked_b[i];
        }
    }
    if (!PLAIN && mapped) look_up_maps();
    if (PATTERNED) show_patterns();
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        // A normal that turns away at a silhouette is bent back toward the viewer.
        const float cosine = nx[i] * vx[i] + ny[i] * vy[i] + nz[i] * vz[i], bend = larger(0.02f - cosine, 0.0f);
        const float a = nx[i] + vx[i] * bend, b = ny[i] + vy[i] * bend, c = nz[i] + vz[i] * bend;
        const float s = 1.0f / wp::sqrt(a * a + b * b + c * c);
        nx[i] = a * s;
        ny[i] = b * s;
        nz[i] = c * s;
        nv[i] = larger(cosine, 0.02f);
        // Reflectance straight on (f) and diffuse albedo (a).
        const float m = metal[i], base = 0.08f * specular[i] * (1.0f - m);
        fr[i] = base + ar[i] * m;
        fg[i] = base + ag[i] * m;
        fb[i] = base + ab[i] * m;
        // What reflects less than 2 % straight on does not at the rim either (Karis 2013).
        edge[i] = clamped(50.0f * larger(fr[i], larger(fg[i], fb[i])), 0.0f, 1.0f);
        ar[i] *= 1.0f - m;
        ag[i] *= 1.0f - m;
        ab[i] *= 1.0f - m;
        rough[i] = larger(rough[i], 0.045f);
    }
};
