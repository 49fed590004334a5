// Fragment 2 of shade.shade_rows: samples of surfaces, taken from the visibility buffer.

constexpr float LEAST_METAL = 0.25f;  // what is less of a metal mirrors no ground; from twice as much on, all of it

// What a run of samples on one part is made of. Texture coordinates are turned and scaled here, tangents with them.
const auto paint = [&](int begin, int end, int part) {
    const int material = state_of[part].material;
    const auto m = material_of[material];
    painted |= m.texture >= 0;
    mapped |= m.maps != 0;
    const bool stands = ground.part >= 0 && part != ground.part;
    standing |= stands;
    metallic |= m.metallic > LEAST_METAL || m.metallic_texture >= 0;
    if (m.texture >= 0 || m.maps != 0)
        for (int n = begin; n < end; ++n) {
            const float u = tu[n], v = tv[n], du = slide_u[n], dv = slide_v[n];
            tu[n] = u * m.uv_row_u[0] + v * m.uv_row_u[1] + m.uv_row_u[2];
            tv[n] = u * m.uv_row_v[0] + v * m.uv_row_v[1] + m.uv_row_v[2];
            slide_u[n] = du * m.uv_row_u[0] + dv * m.uv_row_u[1];
            slide_v[n] = du * m.uv_row_v[0] + dv * m.uv_row_v[1];
            detail[n] += m.detail;
        }
    for (int n = begin; n < end; ++n) {
        texture[n] = m.texture;
        substance[n] = material;
        below[n] = stands ? 1.0f : 0.0f;  // mirror_ground goes by it
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

// A triangle in camera space, and what its samples' places on it give: normals, texture coordinates.
struct Face {
    V corner, normal, along_1, along_2, n0, n1, n2, tangent;
    float plane, side, fineness, u0, v0, u1, v1, u2, v2;
    int vertex[3];  // of the mesh
};
const auto face_of = [&](int triangle, int part) {
    const int face = triangle + geometry.face_shift.data[part], shift = geometry.vertex_shift.data[part];
    const int i = triangle_of[face * 3], j = triangle_of[face * 3 + 1], k = triangle_of[face * 3 + 2];
    Face f;
    f.vertex[0] = i;
    f.vertex[1] = j;
    f.vertex[2] = k;
    f.corner = at3(corner_of, i + shift);
    const V e1 = sub(at3(corner_of, j + shift), f.corner), e2 = sub(at3(corner_of, k + shift), f.corner);
    f.normal = cross(e1, e2);
    const float square = larger(dot(f.normal, f.normal), 1e-30f), shrink = 1.0f / square;
    f.plane = dot(f.normal, f.corner);
    f.along_1 = mul(cross(e2, f.normal), shrink);
    f.along_2 = mul(cross(f.normal, e1), shrink);
    f.n0 = at3(normal_of, i + shift);
    f.n1 = sub(at3(normal_of, j + shift), f.n0);
    f.n2 = sub(at3(normal_of, k + shift), f.n0);
    f.side = f.plane > 0.0f ? -1.0f : 1.0f;  // which side is seen; normals of mirrored parts are turned round already
    f.u0 = uv_of[i * 2];
    f.v0 = uv_of[i * 2 + 1];
    f.u1 = uv_of[j * 2] - f.u0;
    f.v1 = uv_of[j * 2 + 1] - f.v0;
    f.u2 = uv_of[k * 2] - f.u0;
    f.v2 = uv_of[k * 2 + 1] - f.v0;
    const float turned = f.u1 * f.v2 - f.u2 * f.v1;
    f.fineness = 0.5f * log2_of(larger(positive(turned), 1e-20f)) - 0.25f * log2_of(square);
    // The direction in which u grows and v stays.
    f.tangent = mul(sub(mul(e1, f.v2), mul(e2, f.v1)), turned < 0.0f ? -1.0f : 1.0f);
    return f;
};

// One sample: where a ray meets the triangle. ``otherwise``: how far along it where that is not known; ``pitch``: log2 of
// the angle of a pixel. ``row``, ``column``: its pixel.
const float straight_pitch = log2_of(inverse_fx);
const auto place_sample = [&](int n, const Face& f, V ray, float otherwise, float pitch, int row, int column) {
    const auto& r = view.rotation;
    const V toward = turn(r, ray);
    const float shorten = 1.0f / wp::sqrt(dot(toward, toward));
    const float facing = dot(f.normal, ray);
    float z = f.plane / (facing == 0.0f ? 1e-30f : facing);
    z = z > 0.0f && z < 1e7f ? z : otherwise;
    const V q = sub(mul(ray, z), f.corner);
    const float w1 = clamped(dot(q, f.along_1), 0.0f, 1.0f), w2 = clamped(dot(q, f.along_2), 0.0f, 1.0f - w1);
    nx[n] = (f.n0.x + f.n1.x * w1 + f.n2.x * w2) * f.side;
    ny[n] = (f.n0.y + f.n1.y * w1 + f.n2.y * w2) * f.side;
    nz[n] = (f.n0.z + f.n1.z * w1 + f.n2.z * w2) * f.side;
    vx[n] = -toward.x * shorten;
    vy[n] = -toward.y * shorten;
    vz[n] = -toward.z * shorten;
    wx[n] = view.origin[0] + toward.x * z;
    wy[n] = view.origin[1] + toward.y * z;
    wz[n] = view.origin[2] + toward.z * z;
    second[n] = w1;
    third[n] = w2;
    tu[n] = f.u0 + f.u1 * w1 + f.u2 * w2;
    tv[n] = f.v0 + f.v1 * w1 + f.v2 * w2;
    // The edge vectors lie in the plane: this is the way of the ray along it.
    const float run_1 = dot(ray, f.along_1), run_2 = dot(ray, f.along_2), across = z * power_of_2(pitch);
    slide_u[n] = (f.u1 * run_1 + f.u2 * run_2) * across;
    slide_v[n] = (f.v1 * run_1 + f.v2 * run_2) * across;
    detail[n] = f.fineness + pitch + log2_of(z / shorten);
    float grain = 0.06711056f * column + 0.00583715f * row;  // interleaved gradient noise (Jimenez 2014)
    grain = 52.9829189f * (grain - (int)grain);
    noise[n] = grain - (int)grain;
};
// The same through a lens; ``at``: of the sample's ray.
const auto lens_ray = [&](int at) { return V{lens_x[at], lens_y[at], lens_z[at]}; };
const auto place_through_lens = [&](int n, const Face& f, int at, int row, int column) {
    place_sample(n, f, lens_ray(at), wp::sqrt(dot(f.corner, f.corner)), lens_pitch[at >> 2], row, column);
};
const auto place_tangent = [&](int n, const Face& f) {
    const V t = turn(view.rotation, f.tangent);
    tx[n] = t.x;
    ty[n] = t.y;
    tz[n] = t.z;
};
// The colour of the mesh there, on what the material has.
const auto tint = [&](int n, const int* vertex) {
    const float* color_of = (const float*)geometry.colors.data;
    const V a = at3(color_of, vertex[0]), b = at3(color_of, vertex[1]), c = at3(color_of, vertex[2]);
    const float w1 = second[n], w2 = third[n], w0 = 1.0f - w1 - w2;
    ar[n] *= a.x * w0 + b.x * w1 + c.x * w2;
    ag[n] *= a.y * w0 + b.y * w1 + c.y * w2;
    ab[n] *= a.z * w0 + b.z * w1 + c.z * w2;
};
const bool tinted = geometry.colors.shape[0] > 1;

// Whole pixels of one triangle: ``length`` of them from column x of a row on.
const auto take_run = [&](int triangle, int row, int x, int length) {
    const int part = geometry.triangle_part.data[triangle], first = count, end = first + rounded(length), wide = width;
    const Face f = face_of(triangle, part);
    const float left = 0.5f - view.centre[0], down = (row + 0.5f - view.centre[1]) * inverse_fy;
    const float* row_open = image_open + (long long)(row >> 1) * buffers.occlusion.shape[2];
    if (lensed) {
        const int last = x + length - 1;  // beyond it there may be no ray
        EACH_SAMPLE
        for (int n = first; n < end; ++n) {
            const int column = x + n - first < last ? x + n - first : last;
            place_through_lens(n, f, (row * wide + column) * EACH, row, column);
            open[n] = row_open[column >> 1];
            pixel[n] = row * wide + column;
        }
    } else {
        EACH_SAMPLE
        for (int n = first; n < end; ++n) {
            int column = x + n - first;
            column = column < wide ? column : wide - 1;
            place_sample(n, f, V{(column + left) * inverse_fx, down, 1.0f}, f.corner.z, straight_pitch, row, column);
            open[n] = row_open[column >> 1];
            pixel[n] = row * wide + column;
        }
    }
    if (!PLAIN && frames.normal_maps)
        for (int n = first; n < end; ++n) place_tangent(n, f);
    paint(first, end, part);
    if (PATTERNED)
        for (int n = first; n < first + length; ++n) cover_sample(n, f, part);
    if (tinted)
        for (int n = first; n < end; ++n) tint(n, f.vertex);
    count += length;
};

// Samples here and there, collected and then placed together: a triangle each, its part, its place on the image.
int some[HELD], some_part[HELD], some_row[HELD], some_column[HELD], some_pixel[HELD], some_at[HELD], some_ray[HELD];
float some_x[HELD], some_y[HELD], some_share[HELD], sky_r[HELD], sky_g[HELD], sky_b[HELD];
bool some_sky[HELD];
int loose = 0;
int shared = 0;  // of them, those that are one of several surfaces in their pixel: some_at

const auto collect = [&](int triangle, int part, int row, int column, int place, float share) {
    const int k = loose++;
    some[k] = triangle;
    some_part[k] = part;
    some_row[k] = row;
    some_column[k] = column;
    some_x[k] = column + 0.5f + OFFSET_X[place] - view.centre[0];
    some_y[k] = row + 0.5f + OFFSET_Y[place] - view.centre[1];
    some_ray[k] = (row * width + column) * EACH + place;
    some_share[k] = share;
    some_sky[k] = false;
    if (share < 1.0f) some_at[shared++] = k;
};

const auto take_loose = [&]() {
    if (loose == 0) return;
    const int first = count, end = rounded(loose);
    for (int k = loose; k < end; ++k) {
        some[k] = some[loose - 1];
        some_part[k] = some_part[loose - 1];
        some_row[k] = some_row[loose - 1];
        some_column[k] = some_column[loose - 1];
        some_x[k] = some_x[loose - 1];
        some_y[k] = some_y[loose - 1];
        some_ray[k] = some_ray[loose - 1];
        some_sky[k] = some_sky[loose - 1];
    }
    if (lensed) {
        EACH_SAMPLE
        for (int k = 0; k < end; ++k) {
            const Face f = face_of(some[k], some_part[k]);
            place_through_lens(first + k, f, some_ray[k], some_row[k], some_column[k]);
            open[first + k] = image_open[(some_row[k] >> 1) * buffers.occlusion.shape[2] + (some_column[k] >> 1)];
            pixel[first + k] = some_row[k] * width + some_column[k];
        }
    } else {
        EACH_SAMPLE
        for (int k = 0; k < end; ++k) {
            const Face f = face_of(some[k], some_part[k]);
            const V ray{some_x[k] * inverse_fx, some_y[k] * inverse_fy, 1.0f};
            place_sample(first + k, f, ray, f.corner.z, straight_pitch, some_row[k], some_column[k]);
            open[first + k] = image_open[(some_row[k] >> 1) * buffers.occlusion.shape[2] + (some_column[k] >> 1)];
            pixel[first + k] = some_row[k] * width + some_column[k];
        }
    }
    if (!PLAIN && frames.normal_maps)
        for (int k = 0; k < loose; ++k) place_tangent(first + k, face_of(some[k], some_part[k]));
    for (int k = 0; k < end;) {
        const int begin = k, part = some_part[k];
        for (++k; k < end && some_part[k] == part;) ++k;
        paint(first + begin, first + k, part);
    }
    if (PATTERNED)
        for (int k = 0; k < loose; ++k) cover_sample(first + k, face_of(some[k], some_part[k]), some_part[k]);
    if (tinted)
        for (int k = 0; k < end; ++k) {
            const int corner = (some[k] + geometry.face_shift.data[some_part[k]]) * 3;
            tint(first + k, triangle_of + corner);
        }
    for (int i = 0; i < shared; ++i) {
        const int k = some_at[i], n = first + k;
        if (!some_sky[k]) continue;
        // Sky beside a surface: a sample that only shines.
        texture[n] = -1;
        if (PATTERNED) cover[n] = 0.0f;
        ar[n] = ag[n] = ab[n] = metal[n] = specular[n] = 0.0f;
        sum_r[n] = sky_r[k];
        sum_g[n] = sky_g[k];
        sum_b[n] = sky_b[k];
    }
    count += loose;
};
