// Fragment 7 of shade.shade_rows: what share of a light with a depth map reaches the samples.

float map_x[HELD], map_y[HELD], map_z[HELD], depth[HELD], wide[HELD], found[HELD], gap[HELD], clear[HELD];
float ray_x[HELD], ray_y[HELD], rise_x[HELD], rise_y[HELD];
int which[HELD], who[HELD];

const auto row3 = [](const wp::mat33& m, int row) { return V{m.data[row][0], m.data[row][1], m.data[row][2]}; };

// The face of a lamp's cube of maps in which direction a lies.
const auto face_toward = [&](V a) INLINED {
    const float ax = positive(a.x), ay = positive(a.y), az = positive(a.z);
    const int x_face = a.x > 0 ? 0 : 1, y_face = a.y > 0 ? 2 : 3, z_face = a.z > 0 ? 4 : 5;
    return ((ax >= ay) & (ax >= az)) ? x_face : (ay >= az ? y_face : z_face);
};

const auto cast_shadows = [&](const auto& light) {
    const V from = load3(light.position);
    const bool distant = light.kind == DISTANT;
    const auto* shadow_of = shadow_of_frame + light.shadow;
    const int end = lanes;
    const int cells = buffers.wide_maps.shape[2], map_side = buffers.maps.shape[2];
    const int first_map = image * buffers.maps.shape[1] + light.shadow;
    const float *depth_map = buffers.maps.data, *wide_map = buffers.wide_maps.data;
    if (shadow_of->active == 0 && shadow_of->perspective != 2) return;
    const float limit = shadow_of->side - 1.0f;
    // The search and the half-shadow it finds reach equally far [texels], so that no step shows at its rim.
    constexpr float NARROWEST = 1.6f;  // as in light_setup.py
    constexpr int CELL = 4;            // shadow.CELL
    const float widest = shadow_of->widest;
    const float spread = distant ? 0.5f : 0.4f;
    // A parallel light whose half-shadows are a texel or two wide needs few taps, and leaving the surface by about a
    // texel, more where the light grazes it, is enough to keep clear of it. Other lights follow its plane.
    const bool narrow = distant && light.softness / shadow_of->texel * spread < 3.0f;
    const float lifted = narrow ? 0.6f : 0.5f, lifted_aside = narrow ? 1.6f : 0.0f;
    constexpr float STEEPEST = 0.1f;  // cosine to the light below which the plane gets no steeper
    // Texel and nearness of each sample in the light's map; -1 for the map where the light is not in doubt, since a map
    // that is not in use holds nothing.
    const auto project = [&](int i, const auto& shadow, int map) {
        const float texel = shadow.texel * far[i];
        const float nl = nx[i] * lx[i] + ny[i] * ly[i] + nz[i] * lz[i];
        const float lift = texel * (lifted + lifted_aside * wp::sqrt(larger(1.0f - nl * nl, 0.0f)));
        const V q = add(turn(shadow.matrix, V{wx[i] + nx[i] * lift, wy[i] + ny[i] * lift, wz[i] + nz[i] * lift}),
                        load3(shadow.offset));
        const float shrink = distant ? 1.0f : 1.0f / larger(q.z, 1e-3f);
        const float at_x = q.x * shrink, at_y = q.y * shrink;
        const bool known = (shadow.active != 0) & (nl > 0.0f) & (lit[i] > 0.0f) & (at_x >= 1.0f) & (at_y >= 1.0f)
            & (at_x < limit) & (at_y < limit) & (distant | (q.z > 1e-3f));
        map_x[i] = known ? at_x : 1.0f;
        map_y[i] = known ? at_y : 1.0f;
        map_z[i] = q.z;  // nearness of a distant light, else distance
        wide[i] = light.softness / texel;
        const float margin = 0.5f * texel;
        depth[i] = distant ? larger(q.z + margin, 1e-6f) : 1.0f / larger(q.z - margin, 1e-4f);
        which[i] = known ? map : -1;
    };
    if (!PLAIN && shadow_of->perspective == 2) {
        // A face of the cube after the other, as far as any sample lies behind it.
        bool used[6] = {false, false, false, false, false, false};
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) {
            const V a{wx[i] - from.x, wy[i] - from.y, wz[i] - from.z};
            who[i] = face_toward(a);
        }
        for (int i = 0; i < end; ++i) used[who[i]] = true;
        for (int face = 0; face < 6; ++face) {
            if (!used[face]) continue;
            RECORD shadow = shadow_of[face];
            const int map = first_map + face;
            EACH_SAMPLE
            for (int i = 0; i < end; ++i)
                if (who[i] == face) project(i, shadow, map);
        }
    } else {
        RECORD shadow = *shadow_of;
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) project(i, shadow, first_map);
    }
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const int cell = ((which[i] < 0 ? first_map : which[i]) * cells + (int)map_y[i] / CELL) * cells + (int)map_x[i] / CELL;
        const float nearest = wide_map[cell];
        found[i] = (which[i] >= 0 && nearest > depth[i]) ? 1.0f : 0.0f;
    }
    // The samples in doubt, side by side.
    int doubts = 0;
    for (int i = 0; i < count; ++i) {
        if (found[i] == 0.0f) continue;
        const int n = doubts++;
        who[n] = i;
        map_x[n] = map_x[i];
        map_y[n] = map_y[i];
        map_z[n] = map_z[i];
        depth[n] = depth[i];
        wide[n] = wide[i];
        which[n] = which[i];
        // Sine and cosine of a turn by their parabolas: even enough to spread taps.
        const float v = noise[i] * 2.0f - 1.0f, w = v > 0.5f ? v - 1.5f : v + 0.5f;
        ray_x[n] = 4.0f * w * (1.0f - (w < 0 ? -w : w));
        ray_y[n] = 4.0f * v * (1.0f - (v < 0 ? -v : v));
        found[n] = gap[n] = clear[n] = 0.0f;
    }
    // By how much the surface's own plane comes nearer to the light from texel to texel: what lies below that plane does
    // not stand in the light's way, so that a tap far beside does not take the surface for its own blocker.
    const auto incline = [&](int n, const auto& shadow) {
        const int i = who[n];
        const V normal{nx[i], ny[i], nz[i]}, ahead = row3(shadow.matrix, 2);
        const float nl = nx[i] * lx[i] + ny[i] * ly[i] + nz[i] * lz[i];
        const float along = distant ? 0.0f : dot(normal, ahead);
        const float steep = -shadow.texel * shadow.texel / (larger(nl, STEEPEST) * far[i]);
        const V row_x = row3(shadow.matrix, 0), row_y = row3(shadow.matrix, 1);
        rise_x[n] = (dot(normal, row_x) - along * dot(row_x, ahead)) * steep;
        rise_y[n] = (dot(normal, row_y) - along * dot(row_y, ahead)) * steep;
    };
    // Percentage-closer soft shadows (Fernando 2005): a few taps find what stands in the way and how far off;
    // the width of the half-shadow follows. Taps lie on a spiral (Vogel 1979) and turn from pixel to pixel.
    const auto look = [&](auto inclined) {
        constexpr bool bent = inclined();
        constexpr int seek = bent ? 8 : 4, taps = bent ? 16 : 8;
        const auto above = [&](int n, int column, int row) {
            if (!bent) return 0.0f;
            return larger(rise_x[n] * (column + 0.5f - map_x[n]) + rise_y[n] * (row + 0.5f - map_y[n]), 0.0f);
        };
        for (int t = 0; t < seek; ++t) {
            const float reach = wp::sqrt((t + 0.5f) / seek);
            EACH_SAMPLE
            for (int n = 0; n < doubts; ++n) {
                const float radius = clamped(wide[n] * spread, NARROWEST, widest) * reach;
                const int tx = (int)clamped(map_x[n] + ray_x[n] * radius, 0.0f, limit);
                const int ty = (int)clamped(map_y[n] + ray_y[n] * radius, 0.0f, limit);
                const float old = ray_x[n];
                ray_x[n] = old * -0.73736888f - ray_y[n] * 0.67549029f;
                ray_y[n] = old * 0.67549029f - ray_y[n] * 0.73736888f;
                const float nearest = depth_map[(which[n] * map_side + ty) * map_side + tx];
                const bool blocks = nearest > depth[n] + above(n, tx, ty);
                found[n] += blocks ? 1.0f : 0.0f;
                gap[n] += blocks ? nearest : 0.0f;
            }
        }
        // Again side by side: those in which something stands in the way, with the radius of their half-shadow.
        int blocked = 0;
        for (int i = 0; i < doubts; ++i) {
            if (found[i] == 0.0f) continue;
            const int n = blocked++;
            const float mean = gap[i] / found[i];
            const float away = distant ? mean - map_z[i] : larger(map_z[i] * mean - 1.0f, 0.0f);
            wide[n] = clamped(away * wide[i], NARROWEST, clamped(wide[i] * spread, NARROWEST, widest));
            who[n] = who[i];
            map_x[n] = map_x[i];
            map_y[n] = map_y[i];
            depth[n] = depth[i];
            which[n] = which[i];
            if (bent) {
                rise_x[n] = rise_x[i];
                rise_y[n] = rise_y[i];
            }
            ray_x[n] = ray_x[i];
            ray_y[n] = ray_y[i];
        }
        for (int t = 0; t < taps; ++t) {
            const float reach = wp::sqrt((t + 0.5f) / taps);
            EACH_SAMPLE
            for (int n = 0; n < blocked; ++n) {
                const int tx = (int)clamped(map_x[n] + ray_x[n] * wide[n] * reach, 0.0f, limit);
                const int ty = (int)clamped(map_y[n] + ray_y[n] * wide[n] * reach, 0.0f, limit);
                const float old = ray_x[n];
                ray_x[n] = old * -0.73736888f - ray_y[n] * 0.67549029f;
                ray_y[n] = old * 0.67549029f - ray_y[n] * 0.73736888f;
                const float nearest = depth_map[(which[n] * map_side + ty) * map_side + tx];
                clear[n] += nearest <= depth[n] + above(n, tx, ty) ? 1.0f / taps : 0.0f;
            }
        }
        for (int n = 0; n < blocked; ++n) lit[who[n]] *= clear[n];
    };
    struct Level { constexpr bool operator()() const { return false; } };
    struct Inclined { constexpr bool operator()() const { return true; } };
    if (narrow) {
        look(Level{});
        return;
    }
    if (!PLAIN && shadow_of->perspective == 2) {
        for (int n = 0; n < doubts; ++n) incline(n, shadow_of[which[n] - first_map]);
    } else {
        RECORD shadow = *shadow_of;
        EACH_SAMPLE
        for (int n = 0; n < doubts; ++n) incline(n, shadow);
    }
    look(Inclined{});
};
