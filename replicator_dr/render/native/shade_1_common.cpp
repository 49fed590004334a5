// Fragment 1 of shade.shade_run: constants, small vectors, and the samples in work.
//
// The fragments are joined to one function body (see shade.py). Work goes in passes over small arrays, one element a
// surface sample: on a CPU the passes over numbers alone become vector instructions; on CUDA a thread holds one pixel.
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 4;
#define EACH_SAMPLE
#else
constexpr int ROOM = 64;
#define EACH_SAMPLE _Pragma("clang loop vectorize(assume_safety)")  // the arrays do not overlap
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

const auto& triangles = geometry.triangles;
const auto& triangle_part = geometry.triangle_part;
const auto& part_vertex = geometry.part_vertex;
const auto& part_triangle = geometry.part_triangle;
const auto& part_mesh_vertex = geometry.part_mesh_vertex;
const auto& part_mesh_triangle = geometry.part_mesh_triangle;
const auto& normals = geometry.normals;
const auto& uvs = geometry.uvs;
const auto& views = frames.views;
const auto& parts = frames.parts;
const auto& materials = frames.materials;
const auto& lights = frames.lights;
const auto& shadows = frames.shadows;
const auto& texels = surroundings.texels;
const auto& levels = surroundings.levels;
const auto& decode = surroundings.decode;
const auto& harmonics = surroundings.harmonics;
const auto& reflections = surroundings.reflections;
const auto& panorama = surroundings.panorama;
const auto& panorama_info = surroundings.panorama_info;
const auto& camera = buffers.camera;
const auto& keys = buffers.keys;
const auto& maps = buffers.maps;
const auto& wide_maps = buffers.wide_maps;
const auto& occlusion = buffers.occlusion;
const auto view = views.data[frame];
const int width = rgb.shape[2];
const int light_count = lights.shape[1];
const auto* row_keys = keys.data + ((long long)image * keys.shape[1] + (long long)y * width * EACH);
const float* row_open = occlusion.data + ((long long)image * occlusion.shape[1] + (y >> 1)) * occlusion.shape[2];
wp::uint8* row_rgb = rgb.data + ((long long)frame * rgb.shape[1] + y) * width * 4;
const auto* state_of = parts.data + (long long)frame * parts.shape[1];
const auto* light_of = lights.data + (long long)frame * light_count;
const auto* material_of = materials.data + (long long)frame * materials.shape[1];
const auto* corner_of = camera.data + (long long)image * camera.shape[1];
const float inverse_fx = 1.0f / view.focal[0], inverse_fy = 1.0f / view.focal[1];

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
const auto positive = [](float a) { return a < 0.0f ? -a : a; };
const auto atan2_of = [&](float y, float x) {  // to 1e-5, a minimax polynomial in the smaller quotient
    const float ax = positive(x), ay = positive(y), big = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
    const float q = small / (big > 0.0f ? big : 1.0f), s = q * q;
    float a = q * (0.99997726f + s * (-0.33262347f + s * (0.19354346f + s * (-0.11643287f + s * (0.05265332f
        - s * 0.01172120f)))));
    a = ay > ax ? 1.57079633f - a : a;
    a = x < 0.0f ? 3.14159265f - a : a;
    return y < 0.0f ? -a : a;
};

// The samples in work, as structure of arrays: n normal, v toward the viewer, w place in the world, t texture
// coordinates, a albedo, f reflectance straight on, edge the one at grazing angles, sum the light that leaves toward the viewer; l and far: direction
// and distance of the lamp at hand, lit what of it arrives.
float nx[ROOM], ny[ROOM], nz[ROOM], vx[ROOM], vy[ROOM], vz[ROOM], wx[ROOM], wy[ROOM], wz[ROOM], nv[ROOM];
float tu[ROOM], tv[ROOM], detail[ROOM], open[ROOM], noise[ROOM], weight[ROOM];
float ar[ROOM], ag[ROOM], ab[ROOM], rough[ROOM], metal[ROOM], specular[ROOM];
float fr[ROOM], fg[ROOM], fb[ROOM], edge[ROOM], sum_r[ROOM], sum_g[ROOM], sum_b[ROOM];
float lx[ROOM], ly[ROOM], lz[ROOM], far[ROOM], lit[ROOM];
float map_x[ROOM], map_y[ROOM], map_z[ROOM], depth[ROOM], wide[ROOM], found[ROOM], gap[ROOM], clear[ROOM];
float ray_x[ROOM], ray_y[ROOM];
int texture[ROOM], pixel[ROOM], which[ROOM], who[ROOM];
float out_r[ROOM], out_g[ROOM], out_b[ROOM];
int count = 0;

// Two samples show one surface if they are on one triangle, or on triangles of one part whose depths differ by less
// than 1 % and whose normals by less than 25 degrees.
const auto alike = [&](long long key, long long other) {
    const int a = (int)(key & TRIANGLE) - 1, b = (int)(other & TRIANGLE) - 1;
    if (a == b) return true;
    if (a < 0 || b < 0) return false;
    const int part = triangle_part.data[a];
    union { int bits; float number; } here, there;
    here.bits = (int)(key >> 32);
    there.bits = (int)(other >> 32);
    const float step = here.number > there.number ? here.number - there.number : there.number - here.number;
    if (part != triangle_part.data[b] || step * 100.0f > here.number) return false;
    const int shift = part_mesh_triangle.data[part] - part_triangle.data[part];
    const V m = load3(normals.data[triangles.data[a + shift][0]]), n = load3(normals.data[triangles.data[b + shift][0]]);
    return dot(m, n) > 0.9f;
};
