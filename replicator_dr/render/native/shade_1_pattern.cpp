// Between fragments 1 and 2 of shade.shade_rows: patterns that are worked out where they are seen (pattern.py); only in
// kernels for materials that have some.

float cover[HELD];  // what share of each sample shows its pattern's second look
const auto* pattern_of = frames.patterns.data + (long long)frame * frames.patterns.shape[1];

// The share at one sample, which lies on face f of a part; its place is known.
const auto cover_sample = [&](int n, const auto& f, int part) {
    const auto& state = state_of[part];
    const auto& p = pattern_of[state.material];
    cover[n] = 0.0f;
    if (p.kind < 0) return;
    metallic |= p.metallic > 0.25f;
    const V eye{wx[n] - view.origin[0], wy[n] - view.origin[1], wz[n] - view.origin[2]}, v{vx[n], vy[n], vz[n]};
    const V raw = turn(view.rotation, f.normal);
    const V normal = mul(raw, 1.0f / wp::sqrt(larger(dot(raw, raw), 1e-30f)));
    // The pixel's footprint on the surface: as wide as it is, and longer along the view.
    const float cosine = dot(normal, v), size = wp::sqrt(dot(eye, eye))
        * power_of_2(lensed ? lens_pitch[pixel[n]] : log2_of(inverse_fx));
    const V level = sub(v, mul(normal, cosine));
    const float sine = wp::sqrt(dot(level, level));
    const V along = sine > 1e-4f ? mul(level, 1.0f / sine)
        : mul(turn(view.rotation, f.along_1), 1.0f / wp::sqrt(larger(dot(f.along_1, f.along_1), 1e-30f)));
    const V long_axis = mul(along, size / larger(positive(cosine), 0.0625f)), short_axis = mul(cross(normal, along), size);
    V q, a, b;
    if (p.solid) {
        // Metres along the part's own axes: its matrix is inverted by its cofactors, and its scale taken out again.
        const auto& m = state.to_world;
        const auto& c = state.normal_to_world;
        float row[3][3], volume = 0.0f;
        for (int i = 0; i < 3; ++i) volume += m.data[i][0] * c.data[i][0];
        for (int i = 0; i < 3; ++i) {
            const V axis{m.data[0][i], m.data[1][i], m.data[2][i]};
            const float s = wp::sqrt(dot(axis, axis)) / (volume == 0.0f ? 1e-30f : positive(volume));
            for (int j = 0; j < 3; ++j) row[i][j] = c.data[j][i] * s;
        }
        const auto own = [&](V d) {
            return V{row[0][0] * d.x + row[0][1] * d.y + row[0][2] * d.z, row[1][0] * d.x + row[1][1] * d.y + row[1][2] * d.z,
                     row[2][0] * d.x + row[2][1] * d.y + row[2][2] * d.z};
        };
        q = own(sub(V{wx[n], wy[n], wz[n]}, load3(state.world_offset)));
        a = own(long_axis);
        b = own(short_axis);
    } else {
        const V u = turn(view.rotation, add(mul(f.along_1, f.u1), mul(f.along_2, f.u2)));
        const V w = turn(view.rotation, add(mul(f.along_1, f.v1), mul(f.along_2, f.v2)));
        q = V{f.u0 + f.u1 * second[n] + f.u2 * third[n], f.v0 + f.v1 * second[n] + f.v2 * third[n], 0.0f};
        a = V{dot(u, long_axis), dot(w, long_axis), 0.0f};
        b = V{dot(u, short_axis), dot(w, short_axis), 0.0f};
    }
    q = add(turn(p.matrix, q), load3(p.offset));
    a = turn(p.matrix, a);
    b = turn(p.matrix, b);
    const V up = cross(a, b);
    const float ux = positive(up.x), uy = positive(up.y), uz = positive(up.z);
    cover[n] = share_at(p, wp::vec3(q.x, q.y, q.z),
                        wp::vec3(positive(a.x) + positive(b.x), positive(a.y) + positive(b.y), positive(a.z) + positive(b.z)),
                        p.solid == 0 ? 2 : ux > uy && ux > uz ? 0 : uy > uz ? 1 : 2);
};

// The second look over the first, once pictures have said what that is.
const auto show_patterns = [&]() {
    for (int i = 0; i < count; ++i) {
        const float share = cover[i];
        if (!(share > 0.0f)) continue;
        const auto& p = pattern_of[substance[i]];
        if (p.color[0] >= 0.0f) {
            ar[i] += (p.color[0] - ar[i]) * share;
            ag[i] += (p.color[1] - ag[i]) * share;
            ab[i] += (p.color[2] - ab[i]) * share;
        }
        if (p.roughness >= 0.0f) rough[i] += (p.roughness - rough[i]) * share;
        if (p.metallic >= 0.0f) metal[i] += (p.metallic - metal[i]) * share;
    }
};
