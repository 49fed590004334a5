// Shades one run of pixels of one image row. The body of shade.shade_run: its parameters are described there.
//
// Work goes in passes over small arrays, one element a surface sample: gather, texture, lights, write. On a CPU the
// passes over numbers alone become vector instructions; on CUDA a thread holds one pixel's samples.
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 4;
#else
constexpr int ROOM = 64;
#endif
constexpr int EACH = 4;  // samples a pixel
constexpr long long TRIANGLE = 0xFFFFFFFFll;
constexpr float OFFSET_X[4] = {0.0f, 104.0f / 256.0f, -76.0f / 256.0f, -28.0f / 256.0f};
constexpr float OFFSET_Y[4] = {0.0f, 28.0f / 256.0f, 76.0f / 256.0f, -104.0f / 256.0f};
constexpr int DISTANT = 0, SPHERE = 1, CYLINDER = 4, DOME = 5;
constexpr float INVERSE_PI = 0.31830989f;
constexpr int LEVELS = 13;  // mipmaps, texture.LEVELS
constexpr int SIDE = 64;    // octahedral maps, environment.SIDE
constexpr int BLURS = 7;    // environment.LEVELS

const auto view = views.data[frame];
const int width = rgb.shape[2];
const int part_count = parts.shape[1];
const int light_count = lights.shape[1];
const int shadow_count = shadows.shape[1];
const int vertex_count = camera.shape[1];
const int half_width = occlusion.shape[2];
const auto* row_keys = keys.data + (long long)image * keys.shape[1] + (long long)y * width * EACH;
const float* row_open = occlusion.data + ((long long)image * occlusion.shape[1] + (y >> 1)) * half_width;
wp::uint8* row_rgb = rgb.data + ((long long)frame * rgb.shape[1] + y) * width * 4;
const auto* state_of = parts.data + (long long)frame * part_count;
const auto* light_of = lights.data + (long long)frame * light_count;
const auto* material_of = materials.data + (long long)frame * materials.shape[1];
const auto* corner_of = camera.data + (long long)image * vertex_count;
const auto& R = view.rotation.data;

struct V {
    float x, y, z;
};
const auto load3 = [](const wp::vec3& v) { return V{v[0], v[1], v[2]}; };
const auto add = [](V a, V b) { return V{a.x + b.x, a.y + b.y, a.z + b.z}; };
const auto sub = [](V a, V b) { return V{a.x - b.x, a.y - b.y, a.z - b.z}; };
const auto mul = [](V a, float s) { return V{a.x * s, a.y * s, a.z * s}; };
const auto dot = [](V a, V b) { return a.x * b.x + a.y * b.y + a.z * b.z; };
const auto cross = [](V a, V b) { return V{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; };
const auto turn = [](const wp::mat33& m, V v) {
    return V{m.data[0][0] * v.x + m.data[0][1] * v.y + m.data[0][2] * v.z,
             m.data[1][0] * v.x + m.data[1][1] * v.y + m.data[1][2] * v.z,
             m.data[2][0] * v.x + m.data[2][1] * v.y + m.data[2][2] * v.z};
};
const auto log2_of = [](float x) {  // to 0.09: exponent and linear mantissa
    union { float number; int bits; } u;
    u.number = x;
    return u.bits * 1.1920929e-7f - 127.0f;
};
const auto clamped = [](float v, float low, float high) { return v < low ? low : (v > high ? high : v); };
const auto larger = [](float a, float b) { return a > b ? a : b; };

// Two samples show one surface if they are on one triangle, or on triangles of one part whose depths differ by less
// than 1 % and whose normals by less than 25 degrees.
const auto alike = [&](long long key, long long other) {
    const int a = (int)(key & TRIANGLE) - 1, b = (int)(other & TRIANGLE) - 1;
    if (a == b) return true;
    if (a < 0 || b < 0) return false;
    const int part = triangle_part.data[a];
    const long long near = key >> 32, far = other >> 32;
    if (part != triangle_part.data[b] || (near > far ? near - far : far - near) * 100 > near) return false;
    const int shift = part_mesh_triangle.data[part] - part_triangle.data[part];
    const V m = load3(normals.data[triangles.data[a + shift][0]]), n = load3(normals.data[triangles.data[b + shift][0]]);
    return dot(m, n) > 0.9f;
};

// The samples in work, as structure of arrays.
float nx[ROOM], ny[ROOM], nz[ROOM], vx[ROOM], vy[ROOM], vz[ROOM], wx[ROOM], wy[ROOM], wz[ROOM], nv[ROOM];
float tu[ROOM], tv[ROOM], detail[ROOM], open[ROOM], noise[ROOM], weight[ROOM];
float ar[ROOM], ag[ROOM], ab[ROOM], rough[ROOM], metal[ROOM], specular[ROOM];
float fr[ROOM], fg[ROOM], fb[ROOM], sum_r[ROOM], sum_g[ROOM], sum_b[ROOM], lit[ROOM];
float map_x[ROOM], map_y[ROOM], map_z[ROOM], depth[ROOM], wide[ROOM], found[ROOM], gap[ROOM], clear[ROOM];
float ray_x[ROOM], ray_y[ROOM];
int texture[ROOM], pixel[ROOM], which[ROOM], who[ROOM];
float out_r[ROOM], out_g[ROOM], out_b[ROOM];

// The triangle set up last.
int last = -1, material = 0;
V corner{}, normal{}, along_1{}, along_2{}, n0{}, n1{}, n2{};
float plane = 0.0f, side = 1.0f, fineness = 0.0f, u0 = 0, v0 = 0, u1 = 0, v1 = 0, u2 = 0, v2 = 0;

int x = x_begin;
while (x < x_end) {
    const int start = x;
    int count = 0;
    for (; x < x_end && count + EACH <= ROOM && x - start < ROOM; ++x) {
        const int slot = x - start;
        out_r[slot] = out_g[slot] = out_b[slot] = 0.0f;
        const auto* key = row_keys + x * EACH;
        int left = 15;
        if ((((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & TRIANGLE) == 0) left = 16;
        float grain = 0.06711056f * x + 0.00583715f * y;
        grain = 52.9829189f * (grain - (int)grain);
        grain = grain - (int)grain;
        for (int i = 0; i < EACH && left != 0; ++i) {
            float share = 0.25f;
            if (left == 16) {
                share = 1.0f;
                left = 0;
            } else {
                if (!((left >> i) & 1)) continue;
                for (int j = i + 1; j < EACH; ++j)
                    if (((left >> j) & 1) && alike(key[i], key[j])) {
                        left -= 1 << j;
                        share += 0.25f;
                    }
                left -= 1 << i;
            }
            const int triangle = (int)(key[i] & TRIANGLE) - 1;
            const float across = (x + 0.5f + OFFSET_X[i] - view.centre[0]) / view.focal[0];
            const float down = (y + 0.5f + OFFSET_Y[i] - view.centre[1]) / view.focal[1];
            const V toward{R[0][0] * across + R[0][1] * down + R[0][2], R[1][0] * across + R[1][1] * down + R[1][2],
                           R[2][0] * across + R[2][1] * down + R[2][2]};
            const float inverse_length = 1.0f / wp::sqrt(dot(toward, toward));
            if (triangle < 0) {  // sky: the sum of the domes
                for (int k = 0; k < light_count; ++k) {
                    const auto& light = light_of[k];
                    if (light.kind != DOME) continue;
                    V c = load3(light.color);
                    if (light.environment >= 0) {
                        const V d = mul(turn(light.from_world, toward), inverse_length);
                        const auto info = panorama_info.data[light.environment];
                        const int columns = info[1], rows = info[2];
                        const float px = (0.5f - wp::atan2(d.x, d.z) * 0.15915494f) * columns - 0.5f;
                        const float py = clamped(
                            (0.5f - wp::asin(clamped(d.y, -1.0f, 1.0f)) * INVERSE_PI) * rows - 0.5f, 0.0f, rows - 1.001f);
                        const float fx = wp::floor(px);
                        int x0 = (int)fx, x1 = x0 + 1;
                        const int y0 = (int)py;
                        const float rx = px - fx, ry = py - y0;
                        if (x0 < 0) x0 += columns;
                        if (x1 >= columns) x1 -= columns;
                        const auto* top = panorama.data + info[0] + y0 * columns;
                        const auto* bottom = y0 + 1 < rows ? top + columns : top;
                        const V a = add(mul(load3(top[x0]), 1.0f - rx), mul(load3(top[x1]), rx));
                        const V b = add(mul(load3(bottom[x0]), 1.0f - rx), mul(load3(bottom[x1]), rx));
                        const V p = add(mul(a, 1.0f - ry), mul(b, ry));
                        c = V{c.x * p.x, c.y * p.y, c.z * p.z};
                    }
                    out_r[slot] += share * c.x / (1.0f + c.x);
                    out_g[slot] += share * c.y / (1.0f + c.y);
                    out_b[slot] += share * c.z / (1.0f + c.z);
                }
                continue;
            }
            if (triangle != last) {
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
                const float area = u1 * v2 - u2 * v1;
                fineness = 0.5f * log2_of(larger(area < 0.0f ? -area : area, 1e-20f)) - 0.25f * log2_of(square)
                    - log2_of(view.focal[0]) + m.detail;
            }
            // Where the ray meets the plane, and the weights of the second and third corner there.
            const float facing = normal.x * across + normal.y * down + normal.z;
            float z = plane / (facing == 0.0f ? 1e-30f : facing);
            if (!(z > 0.0f) || z > 1e7f) z = corner.z;
            const V q = sub(V{across * z, down * z, z}, corner);
            const float w1 = clamped(dot(q, along_1), 0.0f, 1.0f), w2 = clamped(dot(q, along_2), 0.0f, 1.0f - w1);
            const int n = count++;
            nx[n] = (n0.x + n1.x * w1 + n2.x * w2) * side;
            ny[n] = (n0.y + n1.y * w1 + n2.y * w2) * side;
            nz[n] = (n0.z + n1.z * w1 + n2.z * w2) * side;
            vx[n] = -toward.x * inverse_length;
            vy[n] = -toward.y * inverse_length;
            vz[n] = -toward.z * inverse_length;
            wx[n] = view.origin[0] + toward.x * z;
            wy[n] = view.origin[1] + toward.y * z;
            wz[n] = view.origin[2] + toward.z * z;
            tu[n] = u0 + u1 * w1 + u2 * w2;
            tv[n] = v0 + v1 * w1 + v2 * w2;
            detail[n] = fineness + log2_of(z / inverse_length);
            open[n] = row_open[x >> 1];
            noise[n] = grain;
            weight[n] = share;
            pixel[n] = slot;
            const auto& m = material_of[material];
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
    }
    // Unit normals. One that turns away at a silhouette is bent back toward the viewer.
    for (int i = 0; i < count; ++i) {
        float s = 1.0f / wp::sqrt(larger(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i], 1e-30f));
        float a = nx[i] * s, b = ny[i] * s, c = nz[i] * s;
        const float cosine = a * vx[i] + b * vy[i] + c * vz[i];
        const float bend = larger(0.02f - cosine, 0.0f);
        a += vx[i] * bend;
        b += vy[i] * bend;
        c += vz[i] * bend;
        s = 1.0f / wp::sqrt(a * a + b * b + c * c);
        nx[i] = a * s;
        ny[i] = b * s;
        nz[i] = c * s;
        nv[i] = larger(cosine, 0.02f);
    }
    // Base colour: bilinear, repeating, from the mipmap whose texels are as large as the pixel.
    for (int i = 0; i < count; ++i) {
        if (texture[i] < 0) continue;
        const float fine = detail[i] - 0.5f * log2_of(larger(nv[i], 0.15f)) + noise[i];
        const int level = fine <= 0.0f ? 0 : (fine >= LEVELS - 1 ? LEVELS - 1 : (int)fine);
        const auto info = levels.data[texture[i] * LEVELS + level];
        const int columns = info[1], rows = info[2];
        const float px = (tu[i] - wp::floor(tu[i])) * columns - 0.5f;
        const float py = (1.0f - (tv[i] - wp::floor(tv[i]))) * rows - 0.5f;
        const float fx = wp::floor(px), fy = wp::floor(py);
        int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1, y1 = y0 + 1;
        const float right = px - fx, below = py - fy;
        if (x0 < 0) x0 = columns - 1;
        if (y0 < 0) y0 = rows - 1;
        if (x1 >= columns) x1 = 0;
        if (y1 >= rows) y1 = 0;
        const wp::uint32* upper = texels.data + info[0] + y0 * columns;
        const wp::uint32* lower = texels.data + info[0] + y1 * columns;
        const wp::uint32 a = upper[x0], b = upper[x1], c = lower[x0], d = lower[x1];
        const float wa = (1.0f - right) * (1.0f - below), wb = right * (1.0f - below);
        const float wc = (1.0f - right) * below, wd = right * below;
        const float* linear = decode.data;
        ar[i] *= wa * linear[a & 255] + wb * linear[b & 255] + wc * linear[c & 255] + wd * linear[d & 255];
        ag[i] *= wa * linear[(a >> 8) & 255] + wb * linear[(b >> 8) & 255] + wc * linear[(c >> 8) & 255]
            + wd * linear[(d >> 8) & 255];
        ab[i] *= wa * linear[(a >> 16) & 255] + wb * linear[(b >> 16) & 255] + wc * linear[(c >> 16) & 255]
            + wd * linear[(d >> 16) & 255];
    }
    // Reflectance straight on (f) and diffuse albedo (a).
    for (int i = 0; i < count; ++i) {
        const float m = metal[i], base = 0.08f * specular[i] * (1.0f - m);
        fr[i] = base + ar[i] * m;
        fg[i] = base + ag[i] * m;
        fb[i] = base + ab[i] * m;
        ar[i] *= 1.0f - m;
        ag[i] *= 1.0f - m;
        ab[i] *= 1.0f - m;
        rough[i] = larger(rough[i], 0.045f);
    }
    for (int k = 0; k < light_count; ++k) {
        const auto& light = light_of[k];
        const V shine = load3(light.color);
        if (!(shine.x + shine.y + shine.z > 0.0f)) continue;
        if (light.kind == DOME) {
            const int e = light.environment;
            if (e < 0) {
                for (int i = 0; i < count; ++i) lit[i] = 1.0f;
            }
            const auto& M = light.from_world.data;
            for (int i = 0; i < count; ++i) {
                // Split-sum reflection (Karis 2014, the fit for mobiles; its exponential as a rational function).
                const float r = rough[i], r0 = 1.0f - r, fall = 6.4324f * nv[i];
                const float drop = 1.0f / (1.0f + fall * (1.0f + fall * (0.48f + fall * 0.235f)));
                const float a = (r0 * r0 < drop ? r0 * r0 : drop) * r0 - 0.0275f * r + 0.0425f;
                const float gain = 1.04f - 0.572f * r - 1.04f * a, rim = 0.022f * r - 0.04f + 1.04f * a;
                float dr = shine.x, dg = shine.y, db = shine.z, mr = shine.x, mg = shine.y, mb = shine.z;
                float shaded = open[i];
                if (e >= 0) {
                    const V n{M[0][0] * nx[i] + M[0][1] * ny[i] + M[0][2] * nz[i],
                              M[1][0] * nx[i] + M[1][1] * ny[i] + M[1][2] * nz[i],
                              M[2][0] * nx[i] + M[2][1] * ny[i] + M[2][2] * nz[i]};
                    const float twice = 2.0f * nv[i];
                    const V h{nx[i] * twice - vx[i], ny[i] * twice - vy[i], nz[i] * twice - vz[i]};
                    const V d{M[0][0] * h.x + M[0][1] * h.y + M[0][2] * h.z, M[1][0] * h.x + M[1][1] * h.y + M[1][2] * h.z,
                              M[2][0] * h.x + M[2][1] * h.y + M[2][2] * h.z};
                    // Diffuse light: nine spherical harmonics of the normal.
                    const auto* c = harmonics.data + e * 9;
                    const float p4 = n.x * n.y, p5 = n.y * n.z, p6 = 3.0f * n.z * n.z - 1.0f, p7 = n.x * n.z;
                    const float p8 = n.x * n.x - n.y * n.y;
                    dr *= larger(c[0][0] + c[1][0] * n.y + c[2][0] * n.z + c[3][0] * n.x + c[4][0] * p4 + c[5][0] * p5
                                 + c[6][0] * p6 + c[7][0] * p7 + c[8][0] * p8, 0.0f);
                    dg *= larger(c[0][1] + c[1][1] * n.y + c[2][1] * n.z + c[3][1] * n.x + c[4][1] * p4 + c[5][1] * p5
                                 + c[6][1] * p6 + c[7][1] * p7 + c[8][1] * p8, 0.0f);
                    db *= larger(c[0][2] + c[1][2] * n.y + c[2][2] * n.z + c[3][2] * n.x + c[4][2] * p4 + c[5][2] * p5
                                 + c[6][2] * p6 + c[7][2] * p7 + c[8][2] * p8, 0.0f);
                    // Mirrored light: the octahedral map of the nearest blur.
                    const int blur = (int)(r * (BLURS - 1) + 0.5f);
                    const float sum = (d.x < 0 ? -d.x : d.x) + (d.y < 0 ? -d.y : d.y) + (d.z < 0 ? -d.z : d.z);
                    const float flat_u = d.x / sum, flat_v = d.z / sum;
                    const float au = flat_u < 0 ? -flat_u : flat_u, av = flat_v < 0 ? -flat_v : flat_v;
                    const float u = d.y < 0 ? (flat_u < 0 ? av - 1.0f : 1.0f - av) : flat_u;
                    const float v = d.y < 0 ? (flat_v < 0 ? au - 1.0f : 1.0f - au) : flat_v;
                    const float px = clamped((u * 0.5f + 0.5f) * SIDE - 0.5f, 0.0f, SIDE - 1.001f);
                    const float py = clamped((v * 0.5f + 0.5f) * SIDE - 0.5f, 0.0f, SIDE - 1.001f);
                    const int x0 = (int)px, y0 = (int)py;
                    const float right = px - x0, below = py - y0;
                    const auto* top = reflections.data + (((long long)e * BLURS + blur) * SIDE + y0) * SIDE + x0;
                    const auto* bottom = top + SIDE;
                    const float wa = (1.0f - right) * (1.0f - below), wb = right * (1.0f - below);
                    const float wc = (1.0f - right) * below, wd = right * below;
                    mr *= top[0][0] * wa + top[1][0] * wb + bottom[0][0] * wc + bottom[1][0] * wd;
                    mg *= top[0][1] * wa + top[1][1] * wb + bottom[0][1] * wc + bottom[1][1] * wd;
                    mb *= top[0][2] * wa + top[1][2] * wb + bottom[0][2] * wc + bottom[1][2] * wd;
                    shaded = clamped(open[i] * 1.3f - 0.1f, 0.0f, 1.0f);
                }
                sum_r[i] += ar[i] * dr * open[i] + (fr[i] * gain + rim) * mr * shaded;
                sum_g[i] += ag[i] * dg * open[i] + (fg[i] * gain + rim) * mg * shaded;
                sum_b[i] += ab[i] * db * open[i] + (fb[i] * gain + rim) * mb * shaded;
            }
            continue;
        }
        // Lights that shine from somewhere: how much arrives (lit), then the surface's answer.
        const V ahead = load3(light.direction), from = load3(light.position);
        const bool distant = light.kind == DISTANT;
        for (int i = 0; i < count; ++i) {
            V l{-ahead.x, -ahead.y, -ahead.z};
            float strength = 1.0f;
            if (!distant) {
                const V away{from.x - wx[i], from.y - wy[i], from.z - wz[i]};
                const float square = larger(dot(away, away), light.softness * light.softness + 1e-8f);
                l = mul(away, 1.0f / wp::sqrt(larger(dot(away, away), 1e-12f)));
                strength = 1.0f / square;
                if (light.kind != SPHERE && light.kind != CYLINDER) strength *= larger(-dot(l, ahead), 0.0f);
            }
            const float nl = nx[i] * l.x + ny[i] * l.y + nz[i] * l.z;
            lit[i] = nl > 0.0f ? strength : 0.0f;
        }
        if (light.shadow >= 0) {
            const auto* shadow_of = shadows.data + (long long)frame * shadow_count + light.shadow;
            const int cells = wide_maps.shape[2], map_side = maps.shape[2];
            const int first_map = image * maps.shape[1] + light.shadow;
            const float limit = shadow_of->side - 1.0f;
            const float spread = distant ? 0.25f : 0.15f, widest = distant ? 16.0f : 12.0f;
            // Texel and depth of each sample in the light's map; depth stays -inf where the light is not in doubt.
            const auto project = [&](int i, const auto& shadow, int map) {
                V l{-ahead.x, -ahead.y, -ahead.z};
                float texel = shadow.texel;
                if (!distant) {
                    l = V{from.x - wx[i], from.y - wy[i], from.z - wz[i]};
                    const float length = wp::sqrt(larger(dot(l, l), 1e-12f));
                    l = mul(l, 1.0f / length);
                    texel *= length;
                }
                // Leave the surface by about a texel, more where the light grazes it.
                const float nl = nx[i] * l.x + ny[i] * l.y + nz[i] * l.z;
                const float lift = texel * (0.6f + 1.6f * wp::sqrt(larger(1.0f - nl * nl, 0.0f)));
                const V q = add(turn(shadow.matrix, V{wx[i] + nx[i] * lift, wy[i] + ny[i] * lift, wz[i] + nz[i] * lift}),
                                load3(shadow.offset));
                const float shrink = distant ? 1.0f : 1.0f / larger(q.z, 1e-3f);
                const float ahead_of = q.z - 0.5f * texel, at_x = q.x * shrink, at_y = q.y * shrink;
                const bool known = shadow.active != 0 && lit[i] > 0.0f && at_x >= 1.0f && at_y >= 1.0f && at_x < limit
                    && at_y < limit && (distant || q.z > 1e-3f);
                map_x[i] = known ? at_x : 1.0f;
                map_y[i] = known ? at_y : 1.0f;
                map_z[i] = q.z;
                wide[i] = light.softness / texel;
                depth[i] = known ? (distant ? ahead_of : -1.0f / larger(ahead_of, 1e-4f)) : -1e30f;
                which[i] = map;
            };
            if (shadow_of->perspective == 2) {
                for (int i = 0; i < count; ++i) {
                    const V a{wx[i] - from.x, wy[i] - from.y, wz[i] - from.z};
                    const float ax = a.x < 0 ? -a.x : a.x, ay = a.y < 0 ? -a.y : a.y, az = a.z < 0 ? -a.z : a.z;
                    const int face = ax >= ay && ax >= az ? (a.x > 0 ? 0 : 1)
                        : ay >= az ? (a.y > 0 ? 2 : 3) : (a.z > 0 ? 4 : 5);
                    project(i, shadow_of[face], first_map + face);
                }
            } else {
                const auto shadow = *shadow_of;
                for (int i = 0; i < count; ++i) project(i, shadow, first_map);
            }
            for (int i = 0; i < count; ++i) {
                const float nearest = wide_maps.data[(which[i] * cells + (int)map_y[i] / 8) * cells + (int)map_x[i] / 8];
                found[i] = nearest < depth[i] ? 1.0f : 0.0f;
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
            // Percentage-closer soft shadows (Fernando 2005): a few taps find what stands in the way and how far off;
            // the width of the half-shadow follows. Taps lie on a spiral (Vogel 1979) and turn from pixel to pixel.
            constexpr int SEEK = 5, TAPS = 10;
            float rx = 1.0f, ry = 0.0f;
            for (int t = 0; t < SEEK; ++t) {
                const float reach = wp::sqrt(t / (SEEK - 1.0f));
                for (int n = 0; n < doubts; ++n) {
                    const float radius = clamped(wide[n] * spread, 1.5f, widest) * reach;
                    const int tx = (int)clamped(map_x[n] + rx * radius, 0.0f, limit);
                    const int ty = (int)clamped(map_y[n] + ry * radius, 0.0f, limit);
                    const float nearest = maps.data[(which[n] * map_side + ty) * map_side + tx];
                    const bool blocks = nearest < depth[n];
                    found[n] += blocks ? 1.0f : 0.0f;
                    gap[n] += blocks ? nearest : 0.0f;
                }
                const float old = rx;
                rx = old * -0.73736888f - ry * 0.67549029f;
                ry = old * 0.67549029f - ry * 0.73736888f;
            }
            // Again side by side: those in which something stands in the way, with the radius of their half-shadow.
            int blocked = 0;
            for (int i = 0; i < doubts; ++i) {
                if (found[i] == 0.0f) continue;
                const int n = blocked++;
                const float mean = gap[i] / found[i], blocker = -1.0f / (mean == 0.0f ? -1.0f : mean);
                const float away = distant ? depth[i] - mean : larger(map_z[i] - blocker, 0.0f) / blocker;
                wide[n] = clamped(away * wide[i], 0.9f, 24.0f);
                who[n] = who[i];
                map_x[n] = map_x[i];
                map_y[n] = map_y[i];
                depth[n] = depth[i];
                which[n] = which[i];
                ray_x[n] = ray_x[i];
                ray_y[n] = ray_y[i];
            }
            for (int t = 0; t < TAPS; ++t) {
                const float reach = wp::sqrt((t + 0.5f) / TAPS);
                for (int n = 0; n < blocked; ++n) {
                    const int tx = (int)clamped(map_x[n] + ray_x[n] * wide[n] * reach, 0.0f, limit);
                    const int ty = (int)clamped(map_y[n] + ray_y[n] * wide[n] * reach, 0.0f, limit);
                    const float old = ray_x[n];
                    ray_x[n] = old * -0.73736888f - ray_y[n] * 0.67549029f;
                    ray_y[n] = old * 0.67549029f - ray_y[n] * 0.73736888f;
                    clear[n] += maps.data[(which[n] * map_side + ty) * map_side + tx] >= depth[n] ? 1.0f / TAPS : 0.0f;
                }
            }
            for (int n = 0; n < blocked; ++n) lit[who[n]] *= clear[n];
        }
        // GGX with Smith's shadowing and Schlick's Fresnel term (Walter et al. 2007, Karis 2013).
        for (int i = 0; i < count; ++i) {
            V l{-ahead.x, -ahead.y, -ahead.z};
            if (!distant) {
                l = V{from.x - wx[i], from.y - wy[i], from.z - wz[i]};
                l = mul(l, 1.0f / wp::sqrt(larger(dot(l, l), 1e-12f)));
            }
            const float nl = larger(nx[i] * l.x + ny[i] * l.y + nz[i] * l.z, 0.0f);
            V h{vx[i] + l.x, vy[i] + l.y, vz[i] + l.z};
            const float s = 1.0f / wp::sqrt(larger(dot(h, h), 1e-12f));
            const float nh = larger((nx[i] * h.x + ny[i] * h.y + nz[i] * h.z) * s, 0.0f);
            const float vh = larger((vx[i] * h.x + vy[i] * h.y + vz[i] * h.z) * s, 0.0f);
            const float alpha = rough[i] * rough[i], alpha2 = alpha * alpha, half = 0.5f * alpha;
            const float q = nh * nh * (alpha2 - 1.0f) + 1.0f;
            const float mask = (nv[i] * (1.0f - half) + half) * (nl * (1.0f - half) + half);
            const float lobe = light.specular * alpha2 * 0.25f * INVERSE_PI / (q * q * mask);
            const float g = 1.0f - vh, g2 = g * g, f = g2 * g2 * g;
            const float arrives = lit[i] * nl;
            sum_r[i] += shine.x * arrives * (ar[i] * INVERSE_PI + (fr[i] * (1.0f - f) + f) * lobe);
            sum_g[i] += shine.y * arrives * (ag[i] * INVERSE_PI + (fg[i] * (1.0f - f) + f) * lobe);
            sum_b[i] += shine.z * arrives * (ab[i] * INVERSE_PI + (fb[i] * (1.0f - f) + f) * lobe);
        }
    }
    for (int i = 0; i < count; ++i) {
        out_r[pixel[i]] += weight[i] * sum_r[i] / (1.0f + sum_r[i]);
        out_g[pixel[i]] += weight[i] * sum_g[i] / (1.0f + sum_g[i]);
        out_b[pixel[i]] += weight[i] * sum_b[i] / (1.0f + sum_b[i]);
    }
    for (int i = 0; i < x - start; ++i) {
        wp::uint8* p = row_rgb + (start + i) * 4;
        p[0] = encode.data[(int)(out_r[i] * 4095.0f + 0.5f)];
        p[1] = encode.data[(int)(out_g[i] * 4095.0f + 0.5f)];
        p[2] = encode.data[(int)(out_b[i] * 4095.0f + 0.5f)];
        p[3] = 255;
    }
}
