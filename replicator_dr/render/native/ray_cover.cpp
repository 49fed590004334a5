// A run of triangles of one part through a lens. The body of ray_raster.cover_ray_run.
//
// A triangle with corners a, b, c covers the ray d where d . (b x c), d . (c x a) and d . (a x b) have the sign of
// a . (b x c): no projection, so that neither curved edges nor what lies beside or behind the camera need care. Corners
// are float32, so that the products are exact in float64, and both triangles at an edge get it with exactly opposite
// signs. Samples are tested in float32 and, where that cannot tell, again in float64.
constexpr float DOUBT = 5e-7f;  // more than what rounding does to the product of two unit vectors
constexpr int NODE = 80, CHILDREN = 16;  // rays.NODE
constexpr float FAR_AWAY = 3.4e38f;
const int row = rays.row.data[image], width = images.width, height = images.bottom;
const float* ray_x = rays.x.data + (long long)row * rays.x.shape[1];
const float* ray_y = rays.y.data + (long long)row * rays.y.shape[1];
const float* ray_z = rays.z.data + (long long)row * rays.z.shape[1];
const float* cones = rays.cones.data + (long long)row * rays.cones.shape[1];
const float* pitch = rays.pitch.data + (long long)row * rays.pitch.shape[1];
wp::int64* keys = images.keys.data + (long long)image * images.keys.shape[1];
wp::int64* bits = images.bits.data + (long long)image * images.bits.shape[1];
const wp::vec3* seen = camera.data + (long long)image * camera.shape[1] + vertex_shift;
const float near = view.near, far = view.far;
const bool holes = cutout.texture >= 0;
#if !defined(__CUDA_ARCH__)
typedef float Floats __attribute__((ext_vector_type(16)));
typedef double Doubles __attribute__((ext_vector_type(16)));
typedef int Ints __attribute__((ext_vector_type(16)));
typedef long long Longs __attribute__((ext_vector_type(16)));
typedef bool Bits __attribute__((ext_vector_type(16)));
constexpr Ints COLUMN = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
const auto load = [](const float* from) {
    Floats to;
    __builtin_memcpy(&to, from, sizeof to);
    return to;
};
const auto mask_of = [](const Ints& truth) {
    return (unsigned)__builtin_bit_cast(unsigned short, __builtin_convertvector(truth, Bits));
};
#endif

struct Plane {  // through the camera and an edge; the triangle lies where the product with it is positive
    double x, y, z;
    float fx, fy, fz;  // of unit length
};
struct Corner {
    double x, y, z;
};
const auto cross = [](const Corner& a, const Corner& b) {
    return Corner{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
};
const auto plane_of = [](const Corner& n) {
    const double shrink = 1.0 / wp::sqrt(n.x * n.x + n.y * n.y + n.z * n.z);
    return Plane{n.x, n.y, n.z, (float)(n.x * shrink), (float)(n.y * shrink), (float)(n.z * shrink)};
};

// Whether a sample of a triangle with holes lies beside them, as in cover_rows.cpp; the mipmap is the one whose texels
// are as large as the pixel at that distance.
const auto solid = [&](int pixel, int sample, float inverse) {
    const int at = pixel * 4 + sample;
    const float distance = 1.0f / inverse;
    const float u = (cutout.u[0] * ray_x[at] + cutout.u[1] * ray_y[at] + cutout.u[2] * ray_z[at]) * distance;
    const float v = (cutout.v[0] * ray_x[at] + cutout.v[1] * ray_y[at] + cutout.v[2] * ray_z[at]) * distance;
    union { float number; int bits; } scale;
    scale.number = distance > 1e-6f ? distance : 1e-6f;
    const float fine = cutout.detail + pitch[pixel] + scale.bits * 1.1920929e-7f - 127.0f
        + pictures.texture_detail.data[cutout.texture];
    const int levels = pictures.levels.shape[1], level = fine > 0.0f ? (fine < levels - 1 ? (int)fine : levels - 1) : 0;
    const auto info = pictures.levels.data[cutout.texture * levels + level];
    const int columns = info[1] & 0xFFFF, rows = info[1] >> 16;
    const float px = (u - wp::floor(u)) * columns - 0.5f, py = (1.0f - (v - wp::floor(v))) * rows - 0.5f;
    const float fx = wp::floor(px), fy = wp::floor(py), right = px - fx, below = py - fy;
    const auto texel = [&](int column, int line) {
        column = column < 0 ? columns - 1 : (column >= columns ? 0 : column);
        line = line < 0 ? rows - 1 : (line >= rows ? 0 : line);
        const float root = (float)(pictures.texels.data[info[0] + line * columns + column] & 1023u) / 1023.0f;
        return root * root;
    };
    const int c = (int)fx, r = (int)fy;
    const float upper = texel(c, r) * (1.0f - right) + texel(c + 1, r) * right;
    const float lower = texel(c, r + 1) * (1.0f - right) + texel(c + 1, r + 1) * right;
    return upper * (1.0f - below) + lower * below >= cutout.least;
};

for (int t = begin; t < end; ++t) {
    const auto corners = triangles.data[t + face_shift];
    const wp::vec3 A = seen[corners[0]], B = seen[corners[1]], C = seen[corners[2]];
    const Corner a{A[0], A[1], A[2]}, b{B[0], B[1], B[2]}, c{C[0], C[1], C[2]};
    const Corner bc = cross(b, c);
    const double volume = a.x * bc.x + a.y * bc.y + a.z * bc.z;
    // Counter-clockwise seen from outside: the outward normal points to the camera where the volume is negative.
    if (volume == 0.0 || (facing != 0 && (volume < 0.0) != (facing > 0))) continue;
    // A cone around the triangle, by its axis and the chord between the ends of that and of the farthest corner.
    const auto unit = [](const wp::vec3& p) { return p * (1.0f / wp::sqrt(wp::dot(p, p))); };
    const wp::vec3 to_a = unit(A), to_b = unit(B), to_c = unit(C), sum = to_a + to_b + to_c;
    const bool narrow = wp::dot(sum, sum) > 4.0f;
    const wp::vec3 axis = narrow ? unit(sum) : to_a;
    const auto away = [&](const wp::vec3& p) { return wp::dot(p - axis, p - axis); };
    const float chord = narrow ? wp::sqrt(wp::max(away(to_a), wp::max(away(to_b), away(to_c)))) : 4.0f;
    // With a branch, all but that share of the image is left out before anything else is worked out.
    const int levels = rays.levels.shape[0];
    const auto node_at = [&](int level, int y, int x) {
        const auto place = rays.levels.data[level];
        return cones + (long long)(place[0] + y * place[1] + x) * NODE;
    };
    const auto near_child = [&](const float* node, int i) {
        const float dx = node[i] - axis[0], dy = node[i + 16] - axis[1], dz = node[i + 32] - axis[2];
        const float reach = node[i + 64] + chord;
        return dx * dx + dy * dy + dz * dz <= reach * reach;
    };
    int top = levels - 1, top_y = 0, top_x = 0;  // where the search begins; -1: at a block
    bool beside = false;
    for (int digit = 4; digit >= 0 && branch >= 0 && !beside; digit -= 4) {
        const int i = (branch >> digit) & 15;
        if (top < 0) {
            beside = i > 0;
            continue;
        }
        const float* node = node_at(top, top_y, top_x);
        beside = node[i + 48] < -1.0f || !near_child(node, i);  // rays.EMPTY
        if (beside) continue;
        top_y = top_y * 4 + (i >> 2);
        top_x = top_x * 4 + (i & 3);
        --top;
    }
    if (beside) continue;
    const Corner ca = cross(c, a), ab = cross(a, b);
    const Corner face = cross(Corner{b.x - a.x, b.y - a.y, b.z - a.z}, Corner{c.x - a.x, c.y - a.y, c.z - a.z});
    const double offset = face.x * a.x + face.y * a.y + face.z * a.z;
    if (offset == 0.0) continue;
    const double turn = volume < 0.0 ? -1.0 : 1.0;
    const auto turned = [&](const Corner& n) { return Corner{n.x * turn, n.y * turn, n.z * turn}; };
    const Plane edge[3] = {plane_of(turned(bc)), plane_of(turned(ca)), plane_of(turned(ab))};
    // 1 / distance along a unit ray is its product with this.
    const double px = face.x / offset, py = face.y / offset, pz = face.z / offset;
    const auto square = [](const Corner& p) { return (float)(p.x * p.x + p.y * p.y + p.z * p.z); };
    const float longest = wp::max(square(a), wp::max(square(b), square(c)));
    const float low = 0.999999f / wp::sqrt(longest);  // no point of a triangle is farther away than a corner
    // Where the triangle is seen at a flat angle, float32 would lose digits of that.
    const float fx = (float)px, fy = (float)py, fz = (float)pz;
    const bool flat = low * low < 0.0025f * (fx * fx + fy * fy + fz * fz);
    const wp::int64 mark = t + 1;

    // In float64, with the rule by which exactly one of two triangles owns the rays on their edge.
    const auto covers = [&](int at) {
        const double x = ray_x[at], y = ray_y[at], z = ray_z[at];
        if (x == 0.0 && y == 0.0 && z == 0.0) return false;
        for (int k = 0; k < 3; ++k) {
            const Plane& n = edge[k];
            const double e = x * n.x + y * n.y + z * n.z;
            const bool owner = n.x > 0.0 || (n.x == 0.0 && (n.y > 0.0 || (n.y == 0.0 && n.z > 0.0)));
            if (e < 0.0 || (e == 0.0 && !owner)) return false;
        }
        return true;
    };
    // One sample that is covered: pixel, which of its four.
    const auto keep = [&](int pixel, int sample) {
        const int at = pixel * 4 + sample;
        float inverse = flat ? (float)(ray_x[at] * px + ray_y[at] * py + ray_z[at] * pz)
                             : ray_x[at] * fx + ray_y[at] * fy + ray_z[at] * fz;
        inverse = inverse < low ? low : inverse;
        const float along = axial ? ray_z[at] : 1.0f;
        if (!(inverse * near <= along && inverse * far >= along)) return;
        if (holes && !solid(pixel, sample, inverse)) return;
        union { float number; unsigned bits; } held;
        held.number = inverse;
        const wp::int64 key = ((wp::int64)held.bits << 32) | mark;
#if defined(__CUDA_ARCH__)
        if (keys[at] < key) atomicMax((long long*)(keys + at), (long long)key);
        if (sample == 0 && word >= 0)
            atomicOr((unsigned long long*)(bits + (long long)pixel * images.words + word), (unsigned long long)bit);
#else
        keys[at] = keys[at] > key ? keys[at] : key;
        if (sample == 0 && word >= 0) bits[(long long)pixel * images.words + word] |= bit;
#endif
    };
    const auto cover_block = [&](int left, int top) {
        const int bottom = top + 4 < height ? top + 4 : height, right = left + 4 < width ? left + 4 : width;
        for (int y = top; y < bottom; ++y) {
            const int first = (y * width + left) * 4;
#if defined(__CUDA_ARCH__)
            for (int at = first; at < first + (right - left) * 4; ++at) {
                const float x = ray_x[at], v = ray_y[at], z = ray_z[at];
                float least = FAR_AWAY;
                for (int k = 0; k < 3; ++k) least = wp::min(least, x * edge[k].fx + v * edge[k].fy + z * edge[k].fz);
                if (least > DOUBT || (least >= -DOUBT && covers(at))) keep(at >> 2, at & 3);
            }
#else
            const Floats x = load(ray_x + first), v = load(ray_y + first), z = load(ray_z + first);
            const Floats e0 = x * edge[0].fx + v * edge[0].fy + z * edge[0].fz;
            const Floats e1 = x * edge[1].fx + v * edge[1].fy + z * edge[1].fz;
            const Floats e2 = x * edge[2].fx + v * edge[2].fy + z * edge[2].fz;
            const Ints here = COLUMN < right - left;
            const Ints maybe = (e0 >= -DOUBT) & (e1 >= -DOUBT) & (e2 >= -DOUBT) & here;
            if (mask_of(maybe) == 0) continue;
            Ints inside = (e0 > DOUBT) & (e1 > DOUBT) & (e2 > DOUBT) & here;
            for (unsigned doubts = mask_of(maybe & ~inside); doubts != 0; doubts &= doubts - 1) {
                const int lane = __builtin_ctz(doubts);
                inside[lane] = covers(first + lane) ? -1 : 0;
            }
            if (holes) {
                for (unsigned left_over = mask_of(inside); left_over != 0; left_over &= left_over - 1) {
                    const int at = first + __builtin_ctz(left_over);
                    keep(at >> 2, at & 3);
                }
                continue;
            }
            Floats inverse = x * fx + v * fy + z * fz;
            if (flat) {
                const Doubles exact = __builtin_convertvector(x, Doubles) * px
                    + __builtin_convertvector(v, Doubles) * py + __builtin_convertvector(z, Doubles) * pz;
                inverse = __builtin_convertvector(exact, Floats);
            }
            inverse = inverse < low ? (Floats)low : inverse;
            const Floats along = axial ? z : (Floats)1.0f;
            inside &= (inverse * near <= along) & (inverse * far >= along);
            const unsigned hit = mask_of(inside);
            if (hit == 0) continue;
            const Longs key = (__builtin_convertvector(__builtin_bit_cast(Ints, inverse), Longs) << 32) | mark;
            Longs held;
            __builtin_memcpy(&held, keys + first, sizeof held);
            const auto wins = (key > held) & __builtin_convertvector(inside, decltype(key > held));
            held = wins ? key : held;
            __builtin_memcpy(keys + first, &held, sizeof held);
            if (word < 0 || (hit & 0x1111) == 0) continue;
            for (int i = 0; i < 4; ++i)
                if ((hit >> (4 * i)) & 1) bits[((long long)(y * width + left) + i) * images.words + word] |= bit;
#endif
        }
    };

    // Down the levels of cones: a child that lies beside that, or wholly outside one of the planes, holds nothing of the
    // triangle.
    int waiting[CHILDREN * 12], count = 0;  // nodes: level, row and column
    if (top < 0) cover_block(top_x * 4, top_y * 4);
    else waiting[count++] = top << 28 | top_y << 14 | top_x;
    while (count > 0) {
        const int item = waiting[--count], level = item >> 28, node_y = (item >> 14) & 0x3FFF, node_x = item & 0x3FFF;
        const float* node = node_at(level, node_y, node_x);
        unsigned meets = 0;
#if defined(__CUDA_ARCH__)
        for (int i = 0; i < CHILDREN; ++i) {
            float least = FAR_AWAY;
            for (int k = 0; k < 3; ++k)
                least = wp::min(least, node[i] * edge[k].fx + node[i + 16] * edge[k].fy + node[i + 32] * edge[k].fz);
            if (least + node[i + 48] >= 0.0f && near_child(node, i)) meets |= 1u << i;
        }
#else
        const Floats x = load(node), y = load(node + 16), z = load(node + 32), sine = -load(node + 48);
        const Floats dx = x - axis[0], dy = y - axis[1], dz = z - axis[2], reach = load(node + 64) + chord;
        meets = mask_of((dx * dx + dy * dy + dz * dz <= reach * reach)
                        & (x * edge[0].fx + y * edge[0].fy + z * edge[0].fz >= sine)
                        & (x * edge[1].fx + y * edge[1].fy + z * edge[1].fz >= sine)
                        & (x * edge[2].fx + y * edge[2].fy + z * edge[2].fz >= sine));
#endif
        for (int i = 0; i < CHILDREN; ++i) {
            if (((meets >> i) & 1) == 0) continue;
            const int child_x = node_x * 4 + (i & 3), child_y = node_y * 4 + (i >> 2);
            if (level == 0) cover_block(child_x * 4, child_y * 4);
            else waiting[count++] = (level - 1) << 28 | child_y << 14 | child_x;
        }
    }
}
