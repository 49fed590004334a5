// Fragment 2 of shade.shade_run: samples of surfaces and of the sky, taken from the visibility buffer.

// The triangle set up last.
int last = -1, material = 0;
V corner{}, normal{}, along_1{}, along_2{}, n0{}, n1{}, n2{};
float plane = 0.0f, side = 1.0f, fineness = 0.0f, u0 = 0, v0 = 0, u1 = 0, v1 = 0, u2 = 0, v2 = 0;

const auto set_up = [&](int triangle) {
    last = triangle;
    const int part = triangle_part.data[triangle];
    const auto& state = state_of[part];
    const auto corners = triangles.data[triangle + part_mesh_triangle.data[part] - part_triangle.data[part]];
    const int shift = part_vertex.data[part] - part_mesh_vertex.data[part];
    corner = load3(corner_of[corners[0] + shift]);
    const V e1 = sub(load3(corner_of[corners[1] + shift]), corner);
    const V e2 = sub(load3(corner_of[corners[2] + shift]), corner);
    normal = cross(e1, e2);
    const float square = larger(dot(normal, normal), 1e-30f);
    plane = dot(normal, corner);
    along_1 = mul(cross(e2, normal), 1.0f / square);
    along_2 = mul(cross(normal, e1), 1.0f / square);
    n0 = turn(state.normal_to_world, load3(normals.data[corners[0]]));
    n1 = sub(turn(state.normal_to_world, load3(normals.data[corners[1]])), n0);
    n2 = sub(turn(state.normal_to_world, load3(normals.data[corners[2]])), n0);
    // The sign of the plane's offset tells which side is seen; a mirrored part has its corners reversed.
    side = (plane > 0.0f) != (state.mirrored != 0) ? -1.0f : 1.0f;
    material = state.material;
    const auto& m = material_of[material];
    const auto a = uvs.data[corners[0]], b = uvs.data[corners[1]], c = uvs.data[corners[2]];
    const auto &ru = m.uv_row_u, &rv = m.uv_row_v;
    u0 = a[0] * ru[0] + a[1] * ru[1] + ru[2];
    v0 = a[0] * rv[0] + a[1] * rv[1] + rv[2];
    u1 = (b[0] - a[0]) * ru[0] + (b[1] - a[1]) * ru[1];
    v1 = (b[0] - a[0]) * rv[0] + (b[1] - a[1]) * rv[1];
    u2 = (c[0] - a[0]) * ru[0] + (c[1] - a[1]) * ru[1];
    v2 = (c[0] - a[0]) * rv[0] + (c[1] - a[1]) * rv[1];
    fineness = 0.5f * log2_of(larger(positive(u1 * v2 - u2 * v1), 1e-20f)) - 0.25f * log2_of(square)
        + log2_of(inverse_fx) + m.detail;
};

// Samples of the triangle set up last, at ``length`` pixels from x on, for one of the pixels' four places.
const auto take_surface = [&](int x, int length, int place, float share, int slot) {
    const auto m = material_of[material];
    const auto r = view.rotation;
    const V c = corner, p = normal, g1 = along_1, g2 = along_2, m0 = n0, m1 = n1, m2 = n2;
    const float offset = plane, turned = side, fine = fineness;
    const float s0 = u0, s1 = u1, s2 = u2, t0 = v0, t1 = v1, t2 = v2;
    const float left = 0.5f + OFFSET_X[place] - view.centre[0];
    const float down = (y + 0.5f + OFFSET_Y[place] - view.centre[1]) * inverse_fy;
    const int first = count;
    count += length;
    EACH_SAMPLE
    for (int i = 0; i < length; ++i) {
        const int n = first + i;
        const float across = (x + i + left) * inverse_fx;
        const V toward{r.data[0][0] * across + r.data[0][1] * down + r.data[0][2],
                       r.data[1][0] * across + r.data[1][1] * down + r.data[1][2],
                       r.data[2][0] * across + r.data[2][1] * down + r.data[2][2]};
        const float shorten = 1.0f / wp::sqrt(toward.x * toward.x + toward.y * toward.y + toward.z * toward.z);
        // Where the ray meets the plane, and the weights of the second and third corner there.
        const float facing = p.x * across + p.y * down + p.z;
        float z = offset / (facing == 0.0f ? 1e-30f : facing);
        z = z > 0.0f && z < 1e7f ? z : c.z;
        const float qx = across * z - c.x, qy = down * z - c.y, qz = z - c.z;
        const float w1 = clamped(qx * g1.x + qy * g1.y + qz * g1.z, 0.0f, 1.0f);
        const float w2 = clamped(qx * g2.x + qy * g2.y + qz * g2.z, 0.0f, 1.0f - w1);
        nx[n] = (m0.x + m1.x * w1 + m2.x * w2) * turned;
        ny[n] = (m0.y + m1.y * w1 + m2.y * w2) * turned;
        nz[n] = (m0.z + m1.z * w1 + m2.z * w2) * turned;
        vx[n] = -toward.x * shorten;
        vy[n] = -toward.y * shorten;
        vz[n] = -toward.z * shorten;
        wx[n] = view.origin[0] + toward.x * z;
        wy[n] = view.origin[1] + toward.y * z;
        wz[n] = view.origin[2] + toward.z * z;
        tu[n] = s0 + s1 * w1 + s2 * w2;
        tv[n] = t0 + t1 * w1 + t2 * w2;
        detail[n] = fine + log2_of(z / shorten);
        float grain = 0.06711056f * (x + i) + 0.00583715f * y;  // interleaved gradient noise (Jimenez 2014)
        grain = 52.9829189f * (grain - (int)grain);
        noise[n] = grain - (int)grain;
        open[n] = row_open[(x + i) >> 1];
        weight[n] = share;
        pixel[n] = slot + i;
        texture[n] = m.texture;
        ar[n] = m.base_color[0];
        ag[n] = m.base_color[1];
        ab[n] = m.base_color[2];
        rough[n] = m.roughness;
        metal[n] = m.metallic;
        specular[n] = m.specular;
        sum_r[n] = m.emission[0];
        sum_g[n] = m.emission[1];
        sum_b[n] = m.emission[2];
    }
};

// The sky at ``length`` pixels from x on, straight into the output: the sum of the domes.
const auto take_sky = [&](int x, int length, int place, float share, int slot) {
    const auto r = view.rotation;
    const float left = 0.5f + OFFSET_X[place] - view.centre[0];
    const float down = (y + 0.5f + OFFSET_Y[place] - view.centre[1]) * inverse_fy;
    float red[ROOM], green[ROOM], blue[ROOM];
    for (int i = 0; i < length; ++i) red[i] = green[i] = blue[i] = 0.0f;
    for (int k = 0; k < light_count; ++k) {
        const auto light = light_of[k];
        if (light.kind != DOME) continue;
        if (light.environment < 0) {
            for (int i = 0; i < length; ++i) {
                red[i] += light.color[0];
                green[i] += light.color[1];
                blue[i] += light.color[2];
            }
            continue;
        }
        const auto info = panorama_info.data[light.environment];
        const int origin = info[0], columns = info[1], rows = info[2];
        EACH_SAMPLE
        for (int i = 0; i < length; ++i) {
            const float across = (x + i + left) * inverse_fx;
            const V d = turn(light.from_world, turn(r, V{across, down, 1.0f}));
            const float px = (0.5f - atan2_of(d.x, d.z) * 0.15915494f) * columns - 0.5f;
            const float rise = atan2_of(d.y, wp::sqrt(d.x * d.x + d.z * d.z));
            const float py = clamped((0.5f - rise * INVERSE_PI) * rows - 0.5f, 0.0f, rows - 1.001f);
            int x0 = px < 0.0f ? -1 : (int)px;
            const int y0 = (int)py, y1 = y0 + 1 < rows ? y0 + 1 : y0;
            const float rx = px - x0, ry = py - y0;
            const int x1 = x0 + 1 >= columns ? 0 : x0 + 1;
            x0 = x0 < 0 ? columns - 1 : x0;
            const auto &a = panorama.data[origin + y0 * columns + x0], &b = panorama.data[origin + y0 * columns + x1];
            const auto &c = panorama.data[origin + y1 * columns + x0], &e = panorama.data[origin + y1 * columns + x1];
            const float wa = (1.0f - rx) * (1.0f - ry), wb = rx * (1.0f - ry), wc = (1.0f - rx) * ry, wd = rx * ry;
            red[i] += light.color[0] * (wa * a[0] + wb * b[0] + wc * c[0] + wd * e[0]);
            green[i] += light.color[1] * (wa * a[1] + wb * b[1] + wc * c[1] + wd * e[1]);
            blue[i] += light.color[2] * (wa * a[2] + wb * b[2] + wc * c[2] + wd * e[2]);
        }
    }
    for (int i = 0; i < length; ++i) {
        out_r[slot + i] += share * red[i] / (1.0f + red[i]);
        out_g[slot + i] += share * green[i] / (1.0f + green[i]);
        out_b[slot + i] += share * blue[i] / (1.0f + blue[i]);
    }
};

const auto take = [&](int triangle, int x, int length, int place, float share, int slot) {
    if (triangle < 0) {
        take_sky(x, length, place, share, slot);
        return;
    }
    if (triangle != last) set_up(triangle);
    take_surface(x, length, place, share, slot);
};
