// Fragment 1 of shade.shade_rows: constants, small vectors, and the samples in work.
//
// The fragments are joined to one function body (see shade.py). Work goes in passes over small arrays, one element a
// surface sample: on a CPU the passes over numbers alone become vector instructions; on CUDA a thread holds one sample.
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 1, PAD = 1;
#define EACH_SAMPLE
#define INLINED
#define RECORD const auto&  // read where it is used: registers are few
#else
constexpr int ROOM = 64;  // samples in work at a time
constexpr int PAD = 16;   // passes go on to a multiple of this: what lies beyond the last sample is as good as it
#define EACH_SAMPLE _Pragma("clang loop vectorize(assume_safety)")  // the arrays do not overlap
#define RECORD const auto  // read once
#define INLINED __attribute__((always_inline))  // a call in a pass keeps it from becoming vector instructions
#endif
constexpr int HELD = ROOM + PAD - 1;
constexpr int EACH = 4;  // samples a pixel
constexpr long long TRIANGLE = 0xFFFFFFFFll;
constexpr float OFFSET_X[4] = {0.0f, 104.0f / 256.0f, -76.0f / 256.0f, -28.0f / 256.0f};
constexpr float OFFSET_Y[4] = {0.0f, 28.0f / 256.0f, 76.0f / 256.0f, -104.0f / 256.0f};
constexpr int DISTANT = 0, SPHERE = 1, RECT = 2, DISK = 3, CYLINDER = 4, DOME = 5;
constexpr float INVERSE_PI = 0.31830989f;
constexpr int LEVELS = 13;  // mipmaps, texture.LEVELS
constexpr int SIDE = 64;    // octahedral maps, environment.SIDE
constexpr int BLURS = 7;    // environment.LEVELS
constexpr int MIXED = -2;  // surfaces, labels.PixelArrays

RECORD view = frames.views.data[frame];
const int width = rgb.shape[2], light_count = frames.lights.shape[1], shadow_count = frames.shadows.shape[1];
wp::int64* image_keys = buffers.keys.data + (long long)image * buffers.keys.shape[1];
const int* image_surface = buffers.surface.data + (long long)image * rgb.shape[1] * width;
const float* image_open = buffers.occlusion.data
    + (long long)image * buffers.occlusion.shape[1] * buffers.occlusion.shape[2];
const auto* state_of = frames.parts.data + (long long)frame * frames.parts.shape[1];
const auto* light_of = frames.lights.data + (long long)frame * light_count;
const auto* shadow_of_frame = frames.shadows.data + (long long)frame * shadow_count;
RECORD ground = frames.grounds.data[frame];
const auto* material_of = frames.materials.data + (long long)frame * frames.materials.shape[1];
const float* corner_of = (const float*)(buffers.camera.data + (long long)image * buffers.camera.shape[1]);
const float* normal_of = (const float*)(buffers.normals.data + (long long)image * buffers.normals.shape[1]);
const int* triangle_of = (const int*)geometry.triangles.data;
const float* uv_of = (const float*)geometry.uvs.data;
const float inverse_fx = 1.0f / view.focal[0], inverse_fy = 1.0f / view.focal[1];
// Through a lens: the rays of the samples, and log2 of the angle that a pixel spans.
const bool lensed = !PLAIN && buffers.rays.on != 0;
const long long lens_row = lensed ? buffers.rays.row.data[image] : 0;
const float* lens_x = buffers.rays.x.data + lens_row * buffers.rays.x.shape[1];
const float* lens_y = buffers.rays.y.data + lens_row * buffers.rays.y.shape[1];
const float* lens_z = buffers.rays.z.data + lens_row * buffers.rays.z.shape[1];
const float* lens_pitch = buffers.rays.pitch.data + lens_row * buffers.rays.pitch.shape[1];

struct V {
    float x, y, z;
};
const auto load3 = [](const wp::vec3& v) { return V{v[0], v[1], v[2]}; };
const auto at3 = [](const float* p, int row) { return V{p[row * 3], p[row * 3 + 1], p[row * 3 + 2]}; };
const auto add = [](V a, V b) { return V{a.x + b.x, a.y + b.y, a.z + b.z}; };
const auto sub = [](V a, V b) { return V{a.x - b.x, a.y - b.y, a.z - b.z}; };
const auto mul = [](V a, float s) { return V{a.x * s, a.y * s, a.z * s}; };
const auto times = [](V a, V b) { return V{a.x * b.x, a.y * b.y, a.z * b.z}; };
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
const auto power_of_2 = [](float x) {  // its inverse
    union { float number; int bits; } u;
    u.bits = (int)((x + 127.0f) * 8388608.0f);
    return u.number;
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

// The samples in work, as structure of arrays: n normal, t tangent, v toward the viewer, w place in the world, tu and
// tv texture coordinates, slide by how much they change along the long axis of the pixel's footprint, a albedo, f
// reflectance straight on, edge the one at grazing angles, sum the light that leaves toward the viewer; l and far:
// direction and distance of the lamp at hand, lit what of it arrives; below and under: what share of the diffuse light,
// and of what is mirrored, comes from the ground.
float nx[HELD], ny[HELD], nz[HELD], vx[HELD], vy[HELD], vz[HELD], wx[HELD], wy[HELD], wz[HELD], nv[HELD];
float tu[HELD], tv[HELD], slide_u[HELD], slide_v[HELD], detail[HELD], open[HELD], noise[HELD];
float ar[HELD], ag[HELD], ab[HELD], rough[HELD], metal[HELD], specular[HELD];
float fr[HELD], fg[HELD], fb[HELD], edge[HELD], sum_r[HELD], sum_g[HELD], sum_b[HELD];
float below[HELD], under[HELD];
float lx[HELD], ly[HELD], lz[HELD], far[HELD], lit[HELD];
float second[HELD], third[HELD];  // weights of the triangle's second and third corner
float tx[HELD], ty[HELD], tz[HELD], picked_r[HELD], picked_g[HELD], picked_b[HELD], slant[HELD];
int texture[HELD], pixel[HELD], substance[HELD];
int count = 0;         // samples taken
int lanes = 0;         // count, rounded up to a multiple of PAD
bool painted = false;  // whether a material of theirs has a picture, and one besides that of its colour
bool mapped = false;
bool standing = false;  // whether any is of another part than the ground, where there is one
bool metallic = false;  // whether any may be of metal
const auto rounded = [](int n) { return (n + PAD - 1) / PAD * PAD; };
// Lanes that no sample has filled yet are worked on, too: they need numbers that do no harm.
for (int i = 0; i < HELD; ++i) {
    nx[i] = ny[i] = vx[i] = vy[i] = wx[i] = wy[i] = wz[i] = tu[i] = tv[i] = detail[i] = noise[i] = 0.0f;
    slide_u[i] = slide_v[i] = below[i] = under[i] = 0.0f;
    second[i] = third[i] = tx[i] = ty[i] = tz[i] = sum_r[i] = sum_g[i] = sum_b[i] = ar[i] = ag[i] = ab[i] = metal[i] = specular[i] = 0.0f;
    nz[i] = vz[i] = open[i] = rough[i] = picked_r[i] = picked_g[i] = picked_b[i] = slant[i] = 1.0f;
    texture[i] = -1;
    substance[i] = pixel[i] = 0;
}
