// Fragment 9 of shade.shade_rows: the ground in what is of metal, as the lamps light it. (What the domes give it is in
// 6_dome.)

// Light from one lamp on the ground, where the samples' mirrored rays meet it: irradiance over pi, a lamp with a surface as
// one that fills the sky evenly, its shadow by four texels.
const auto light_ground = [&](const auto& light, const float* place_x, const float* place_y, const float* place_z,
                              int end, float* given) {
    const V from = load3(light.position), ahead = load3(light.direction), up = ground_up;
    const V u = load3(light.axis_u), v = load3(light.axis_v);
    const bool distant = light.kind == DISTANT, one_sided = light.kind == RECT || light.kind == DISK;
    const float length_u = wp::sqrt(dot(u, u));
    const float size = light.kind == SPHERE ? light.radius * light.radius
        : 4.0f * INVERSE_PI * length_u * (light.kind == CYLINDER ? light.radius : wp::sqrt(dot(v, v)));
    const V axis = mul(u, light.kind == CYLINDER ? 1.0f / larger(length_u, 1e-9f) : 0.0f);
    EACH_SAMPLE
    for (int i = 0; i < end; ++i) {
        const V d{from.x - place_x[i], from.y - place_y[i], from.z - place_z[i]};
        const float square = larger(dot(d, d), 1e-12f), shrink = 1.0f / wp::sqrt(square);
        const float slant = one_sided ? larger(-dot(d, ahead) * shrink, 0.0f) : 1.0f, along = dot(d, axis) * shrink;
        const float filled = size / (size + square) * slant * wp::sqrt(larger(1.0f - along * along, 0.0f));
        given[i] = distant ? INVERSE_PI * larger(-dot(ahead, up), 0.0f) : larger(dot(d, up) * shrink, 0.0f) * filled;
    }
    if (light.shadow < 0) return;
    const auto* shadow_of = shadow_of_frame + light.shadow;
    const bool cube = !PLAIN && shadow_of->perspective == 2;
    const int side = buffers.maps.shape[2];
    for (int face = 0; face < (cube ? 6 : 1); ++face) {
        RECORD shadow = shadow_of[face];
        if (shadow.active == 0) continue;
        const float* map = buffers.maps.data + (image * buffers.maps.shape[1] + light.shadow + face) * (long long)side * side;
        const float limit = shadow.side - 2.0f;
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) {
            const V d{place_x[i] - from.x, place_y[i] - from.y, place_z[i] - from.z};
            const float away = distant ? 1.0f : wp::sqrt(dot(d, d)), texel = shadow.texel * away;
            const V q = add(turn(shadow.matrix, V{place_x[i] + up.x * texel, place_y[i] + up.y * texel,
                                                  place_z[i] + up.z * texel}), load3(shadow.offset));
            const float shrink = distant ? 1.0f : 1.0f / larger(q.z, 1e-3f);
            const float at_x = q.x * shrink - 0.5f, at_y = q.y * shrink - 0.5f;
            const bool known = (at_x >= 1.0f) & (at_y >= 1.0f) & (at_x < limit) & (at_y < limit) & (distant | (q.z > 1e-3f))
                & (!cube | (face_toward(d) == face));
            const float px = known ? at_x : 1.0f, py = known ? at_y : 1.0f, margin = 0.5f * texel;
            const float depth = distant ? larger(q.z + margin, 1e-6f) : 1.0f / larger(q.z - margin, 1e-4f);
            const int column = (int)px, row = (int)py, at = row * side + column;
            const float right = px - column, down = py - row;
            const float a = map[at] <= depth ? 1.0f - right : 0.0f, b = map[at + 1] <= depth ? right : 0.0f;
            const float c = map[at + side] <= depth ? 1.0f - right : 0.0f, e = map[at + side + 1] <= depth ? right : 0.0f;
            given[i] *= known ? (a + b) * (1.0f - down) + (c + e) * down : 1.0f;
        }
    }
};

constexpr float LEAST_SHOWN = 0.01f;  // less is left out

// The share of what each sample mirrors that is ground, and what lamps make of it.
const auto mirror_ground = [&]() {
    int mirrors[HELD];
    float met_x[HELD], met_y[HELD], met_z[HELD], place_x[HELD], place_y[HELD], place_z[HELD], given[HELD];
    float red[HELD], green[HELD], blue[HELD];
    const int end = lanes;
    const V up = ground_up, along_u = ground_u, along_v = ground_v, middle = ground_at;
    const float half_u = ground.half_u, half_v = ground.half_v;
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
        const float metal_share = clamped(metal[i] / LEAST_METAL - 1.0f, 0.0f, 1.0f);
        under[i] = height > lowest && below[i] > 0.0f ? share * metal_share : 0.0f;
        met_x[i] = middle.x + hit.x;
        met_y[i] = middle.y + hit.y;
        met_z[i] = middle.z + hit.z;
    }
    // Side by side: those of which it is worth it.
    int seen = 0;
    for (int i = 0; i < count; ++i) {
        mirrors[seen] = i;
        seen += under[i] > LEAST_SHOWN ? 1 : 0;
    }
    if (seen == 0) return;
    for (int n = 0; n < seen; ++n) {
        const int i = mirrors[n];
        place_x[n] = met_x[i];
        place_y[n] = met_y[i];
        place_z[n] = met_z[i];
        red[n] = green[n] = blue[n] = 0.0f;
    }
    for (int k = 0; k < light_count; ++k) {
        RECORD light = light_of[k];
        if (light.kind == DOME || !(light.color[0] + light.color[1] + light.color[2] > 0.0f)) continue;
        light_ground(light, place_x, place_y, place_z, seen, given);
        for (int i = 0; i < seen; ++i) {
            red[i] += light.color[0] * given[i];
            green[i] += light.color[1] * given[i];
            blue[i] += light.color[2] * given[i];
        }
    }
    for (int n = 0; n < seen; ++n) {
        const int i = mirrors[n];
        const V back = mul(times(mirrored_part(i), ground_color), under[i]);
        sum_r[i] += back.x * red[n];
        sum_g[i] += back.y * green[n];
        sum_b[i] += back.z * blue[n];
    }
};
