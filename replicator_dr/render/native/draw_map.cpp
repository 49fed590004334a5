// Triangles of one part into a depth map. The body of shadow.draw_run.
//
// A texel keeps the nearness of what stands nearest to the light: for a distant light how far it is from a plane behind
// all casters, with a position 1/z; both are linear on the map, positive, and 0 where nothing stands. Light goes through
// the holes of opacity pictures.
struct P {
    float x, y, z;
};
const int side = shadow.side;
const bool parallel = shadow.perspective == 0;
float* map = maps.data + ((long long)image * maps.shape[1] + s) * maps.shape[2] * maps.shape[3];
const int pitch = maps.shape[3];
float turn[3][3], shift[3];
for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) turn[i][j] = placed.turn.data[i][j];
    shift[i] = placed.shift[i];
}
// Corner v of the mesh seen from the light, before the perspective division.
const float* point = moved_begin < 0 ? (const float*)points.data : (const float*)moved.data + 3ll * (moved_begin - vertex_begin);
const auto raw = [&](int v) {
    const float x = point[v * 3], y = point[v * 3 + 1], z = point[v * 3 + 2];
    return P{turn[0][0] * x + turn[0][1] * y + turn[0][2] * z + shift[0],
             turn[1][0] * x + turn[1][1] * y + turn[1][2] * z + shift[1],
             turn[2][0] * x + turn[2][1] * y + turn[2][2] * z + shift[2]};
};
const auto divided = [&](P p) {
    const float shrink = parallel ? 1.0f : 1.0f / p.z;
    return P{p.x * shrink, p.y * shrink, parallel ? p.z : shrink};
};
#if defined(__CUDA_ARCH__)
constexpr int LARGE = 64;  // texels in a triangle's box: more go to the queue
const auto deepen = [](float& kept, float nearness) { 
    if (kept < nearness) atomicMax((int*)&kept, __float_as_int(nearness));
};
#else
#define EACH _Pragma("clang loop vectorize(assume_safety)")
const auto deepen = [](float& kept, float nearness) { kept = kept > nearness ? kept : nearness; };
#endif
const auto least = [](float a, float b, float c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); };
const auto most = [](float a, float b, float c) { return a > b ? (a > c ? a : c) : (b > c ? b : c); };
const auto within = [](float v, float low, float high) { return v > low ? (v < high ? v : high) : low; };

// Whether texel (x, y) of a triangle with holes lies beside them. Texture coordinates are homogeneous linear functions of
// the place on the map (see cutout.py), here about the first corner, where they are exact however small the triangle is.
struct Whole {
    bool operator()(int, int) const { return true; }
};
struct Holed {
    float x, y, u[3], v[3], one[3], least;
    const wp::uint32* texel;
    int columns, rows;
    bool operator()(int column, int row) const {
        const float dx = column + 0.5f - x, dy = row + 0.5f - y;
        const float scale = 1.0f / (one[0] * dx + one[1] * dy + one[2]);
        const float s = (u[0] * dx + u[1] * dy + u[2]) * scale, t = (v[0] * dx + v[1] * dy + v[2]) * scale;
        int i = (int)((s - wp::floor(s)) * columns), j = (int)((1.0f - (t - wp::floor(t))) * rows);
        i = i < columns ? i : columns - 1;
        j = j < rows ? j : rows - 1;
        const float root = (float)(texel[j * columns + i] & 1023u) / 1023.0f;
        return root * root >= least;
    }
};
const auto holes_of = [&](const P* corner, const int* row) {
    const int first = corner[0].z > corner[1].z ? (corner[0].z > corner[2].z ? 0 : 2) : (corner[1].z > corner[2].z ? 1 : 2);
    const P origin = corner[first];
    Holed h;
    h.x = parallel ? origin.x : origin.x / origin.z;
    h.y = parallel ? origin.y : origin.y / origin.z;
    float x[3], y[3], z[3], s[3], t[3];
    for (int i = 0; i < 3; ++i) {
        z[i] = parallel ? 1.0f : corner[i].z;
        x[i] = corner[i].x - h.x * z[i];
        y[i] = corner[i].y - h.y * z[i];
        const auto uv = uvs.data[row[i]];
        s[i] = uv[0] * material.uv_row_u[0] + uv[1] * material.uv_row_u[1] + material.uv_row_u[2];
        t[i] = uv[0] * material.uv_row_v[0] + uv[1] * material.uv_row_v[1] + material.uv_row_v[2];
    }
    for (int k = 0; k < 3; ++k) h.u[k] = h.v[k] = h.one[k] = 0.0f;
    for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, k = (i + 2) % 3;
        const float side[3] = {y[j] * z[k] - z[j] * y[k], z[j] * x[k] - x[j] * z[k], x[j] * y[k] - y[j] * x[k]};
        for (int c = 0; c < 3; ++c) {
            h.u[c] += s[i] * side[c];
            h.v[c] += t[i] * side[c];
            h.one[c] += side[c];
        }
    }
    // The mipmap whose texels are as large as the map's there.
    const float over = 1.0f / (h.one[2] == 0.0f ? 1e-20f : h.one[2]);
    const float du = (h.u[0] - h.u[2] * over * h.one[0]) * over, dv = (h.u[1] - h.u[2] * over * h.one[1]) * over;
    const float eu = (h.v[0] - h.v[2] * over * h.one[0]) * over, ev = (h.v[1] - h.v[2] * over * h.one[1]) * over;
    const float spread = du * ev - dv * eu;
    union { float number; int bits; } area;
    area.number = (spread < 0.0f ? -spread : spread) + 1e-20f;
    const float fine = 0.5f * (area.bits * 1.1920929e-7f - 127.0f) + pictures.texture_detail.data[material.opacity_texture];
    const int levels = pictures.levels.shape[1], level = fine > 0.0f ? (fine < levels - 1 ? (int)fine : levels - 1) : 0;
    const auto info = pictures.levels.data[material.opacity_texture * levels + level];
    h.texel = pictures.texels.data + info[0];
    h.columns = info[1] & 0xFFFF;
    h.rows = info[1] >> 16;
    h.least = material.opacity_threshold / (material.opacity > 1e-6f ? material.opacity : 1e-6f);
    return h;
};

const auto draw = [&](P a, P b, P c, const auto& solid) {
    const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    // A closed part's shadow is that of the faces that look toward the light.
    if (area == 0.0f || (facing != 0 && (area < 0.0f) != (facing > 0))) return;
    const float limit = (float)side;
    int x0 = (int)(within(least(a.x, b.x, c.x), 0.0f, limit) + 0.5f);
    int x1 = (int)(within(most(a.x, b.x, c.x), -1.0f, limit - 0.01f) + 0.5f) - 1;
    int y0 = (int)(within(least(a.y, b.y, c.y), 0.0f, limit) + 0.5f);
    int y1 = (int)(within(most(a.y, b.y, c.y), -1.0f, limit - 0.01f) + 0.5f) - 1;
    if (x0 > x1 || y0 > y1) return;
#if defined(__CUDA_ARCH__)
    if (material.opacity_texture < 0 && (x1 - x0 + 1) * (y1 - y0 + 1) > LARGE) {
        const int map_row = image * maps.shape[1] + s, slot = wp::atomic_add(queue_length.data + map_row, 1);
        if (slot < queue.shape[2]) {
            auto& entry = queue.data[(long long)map_row * queue.shape[2] + slot];
            entry.a = wp::vec3(a.x, a.y, a.z);
            entry.b = wp::vec3(b.x, b.y, b.z);
            entry.c = wp::vec3(c.x, c.y, c.z);
            return;
        }
    }
#endif
    const float inverse = 1.0f / area;
    const float right_u = (b.y - c.y) * inverse, right_v = (c.y - a.y) * inverse;
    const float down_u = (c.x - b.x) * inverse, down_v = (a.x - c.x) * inverse;
    const float to_a = a.z - c.z, to_b = b.z - c.z;
    for (int y = y0; y <= y1; ++y) {
        const float dx = x0 + 0.5f - c.x, dy = y + 0.5f - c.y;
        const float u0 = right_u * dx + down_u * dy, v0 = right_v * dx + down_v * dy;
        float* row = map + y * pitch;
        for (int x = x0; x <= x1; ++x) {
            const float u = u0 + right_u * (x - x0), v = v0 + right_v * (x - x0);
            if (u >= 0.0f && v >= 0.0f && u + v <= 1.0f && solid(x, y)) deepen(row[x], c.z + u * to_a + v * to_b);
        }
    }
};

// What of a triangle that reaches behind the light lies before it (Sutherland and Hodgman 1974).
const auto draw_cut = [&](const P* corner, const auto& solid) {
    P kept[4];
    int count = 0;
    for (int i = 0; i < 3; ++i) {
        const P a = corner[i], b = corner[(i + 1) % 3];
        const float above_a = a.z - cut_off, above_b = b.z - cut_off;
        if (above_a >= 0.0f) kept[count++] = a;
        if ((above_a >= 0.0f) != (above_b >= 0.0f)) {
            const float t = above_a / (above_a - above_b);
            kept[count++] = P{a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
        }
    }
    for (int k = 2; k < count; ++k) draw(divided(kept[0]), divided(kept[k - 1]), divided(kept[k]), solid);
};
const auto draw_any = [&](const P* all, const auto& solid) {
    if (parallel || (all[0].z > nearest && all[1].z > nearest && all[2].z > nearest))
        draw(divided(all[0]), divided(all[1]), divided(all[2]), solid);
    else if (all[0].z > nearest || all[1].z > nearest || all[2].z > nearest)
        draw_cut(all, solid);
};

const int* triangle_of = (const int*)triangles.data;
#if defined(__CUDA_ARCH__)
for (int t = begin; t < end; ++t) {
    const int* corners = triangle_of + (t + face_shift) * 3;
    const P all[3] = {raw(corners[0]), raw(corners[1]), raw(corners[2])};
    if (material.opacity_texture < 0) draw_any(all, Whole{});
    else draw_any(all, holes_of(all, corners));
}
#else
if (material.opacity_texture >= 0) {
    for (int t = begin; t < end; ++t) {
        const int* corners = triangle_of + (t + face_shift) * 3;
        const P all[3] = {raw(corners[0]), raw(corners[1]), raw(corners[2])};
        draw_any(all, holes_of(all, corners));
    }
    return;
}
// All corners of the part once; a closed mesh has six triangles at each. What lies behind the light is marked by a
// nearness below 0; a distant light has nothing behind it.
float* held = (float*)(scratch.data + (long long)image * scratch.shape[1]);
const int vertices = vertex_end - vertex_begin;
EACH
for (int v = 0; v < vertices; ++v) {
    const P p = raw(vertex_begin + v);
    const bool before = parallel | (p.z > nearest);
    const float shrink = parallel ? 1.0f : 1.0f / (before ? p.z : 1.0f);
    held[v * 3] = p.x * shrink;
    held[v * 3 + 1] = p.y * shrink;
    held[v * 3 + 2] = before ? (parallel ? p.z : shrink) : -1.0f;
}
// Triangles side by side, as far as their boxes of texels' centres: most are so small that they have none.
constexpr int ROOM = 64, MISSED = 0, DRAWN = 1, CUT = 2;
int first_x[ROOM], last_x[ROOM], first_y[ROOM], last_y[ROOM], fate[ROOM];
float right_u[ROOM], right_v[ROOM], down_u[ROOM], down_v[ROOM], start_u[ROOM], start_v[ROOM];
float base[ROOM], to_a[ROOM], to_b[ROOM];
const float limit = (float)side, side_seen = (float)facing;
for (int from = begin; from < end; from += ROOM) {
    const int some = end - from < ROOM ? end - from : ROOM;
    const int* corners = triangle_of + (long long)(from + face_shift) * 3;
    EACH
    for (int n = 0; n < some; ++n) {
        const int i = (corners[n * 3] - vertex_begin) * 3, j = (corners[n * 3 + 1] - vertex_begin) * 3;
        const int k = (corners[n * 3 + 2] - vertex_begin) * 3;
        const float ax = held[i], ay = held[i + 1], az = held[i + 2], bx = held[j], by = held[j + 1], bz = held[j + 2];
        const float cx = held[k], cy = held[k + 1], cz = held[k + 2];
        const float area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax), inverse = 1.0f / area;
        // A closed part's shadow is that of the faces that look toward the light.
        const bool shown = (area != 0.0f) & (area * side_seen <= 0.0f);
        first_x[n] = (int)(within(least(ax, bx, cx), 0.0f, limit) + 0.5f);
        last_x[n] = (int)(within(most(ax, bx, cx), -1.0f, limit - 0.01f) + 0.5f) - 1;
        first_y[n] = (int)(within(least(ay, by, cy), 0.0f, limit) + 0.5f);
        last_y[n] = (int)(within(most(ay, by, cy), -1.0f, limit - 0.01f) + 0.5f) - 1;
        const bool boxed = (first_x[n] <= last_x[n]) & (first_y[n] <= last_y[n]);
        const bool before = (az > 0.0f) & (bz > 0.0f) & (cz > 0.0f), behind = (az < 0.0f) & (bz < 0.0f) & (cz < 0.0f);
        const int cut = (parallel | behind) ? MISSED : CUT;
        fate[n] = (parallel | before) ? ((shown & boxed) ? DRAWN : MISSED) : cut;
        right_u[n] = (by - cy) * inverse;
        right_v[n] = (cy - ay) * inverse;
        down_u[n] = (cx - bx) * inverse;
        down_v[n] = (ax - cx) * inverse;
        const float dx = first_x[n] + 0.5f - cx, dy = first_y[n] + 0.5f - cy;
        start_u[n] = right_u[n] * dx + down_u[n] * dy;
        start_v[n] = right_v[n] * dx + down_v[n] * dy;
        base[n] = cz;
        to_a[n] = az - cz;
        to_b[n] = bz - cz;
    }
    for (int n = 0; n < some; ++n) {
        if (fate[n] == MISSED) continue;
        if (fate[n] == CUT) {
            const P all[3] = {raw(corners[n * 3]), raw(corners[n * 3 + 1]), raw(corners[n * 3 + 2])};
            draw_cut(all, Whole{});
            continue;
        }
        const int columns = last_x[n] - first_x[n] + 1, rows = last_y[n] - first_y[n] + 1;
        float* row = map + first_y[n] * pitch + first_x[n];
        for (int y = 0; y < rows; ++y, row += pitch) {
            const float u0 = start_u[n] + down_u[n] * y, v0 = start_v[n] + down_v[n] * y;
            const float step_u = right_u[n], step_v = right_v[n], z = base[n], za = to_a[n], zb = to_b[n];
            for (int x = 0; x < columns; ++x) {
                const float u = u0 + step_u * x, v = v0 + step_v * x;
                if (u >= 0.0f && v >= 0.0f && u + v <= 1.0f) deepen(row[x], z + u * za + v * zb);
            }
        }
    }
}
#endif
