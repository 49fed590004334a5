// Depth, part and triangle of a row of a band. The body of bands.read_row.
const float FAR_AWAY = (float)INFINITY;
constexpr int MIXED = -2;  // shade_10_rows.cpp
const int width = images.width, height = pixels.depth.shape[1];
const long long at = (long long)(y - images.top) * width * 4;
const float* nearest = images.inverse.data + (long long)image * images.inverse.shape[1] + at;
const int* shown = images.triangle.data + (long long)image * images.triangle.shape[1] + at;
const int* part_of = triangle_part.data;
const long long row = (long long)y * width;
float* row_depth = pixels.depth.data + (long long)frame * height * width + row;
int* row_part = pixels.part.data + (long long)frame * height * width + row;
int* row_surface = pixels.surface.data + (long long)image * height * width + row;
wp::int64* row_keys = pixels.keys.data + (long long)image * pixels.keys.shape[1] + row * 4;

typedef int Four __attribute__((ext_vector_type(4)));
const auto keep_mixed = [&](int x) {
    Four inverse, mark;
    __builtin_memcpy(&inverse, nearest + x * 4, sizeof inverse);
    __builtin_memcpy(&mark, shown + x * 4, sizeof mark);
    const auto keys = __builtin_shufflevector(mark, inverse, 0, 4, 1, 5, 2, 6, 3, 7);
    __builtin_memcpy(row_keys + x * 4, &keys, sizeof keys);
};
// Sixteen pixels at a time.
typedef int Words __attribute__((ext_vector_type(64)));
typedef int Ints __attribute__((ext_vector_type(16)));
typedef float Floats __attribute__((ext_vector_type(16)));
typedef float Samples __attribute__((ext_vector_type(64)));
typedef bool Bits __attribute__((ext_vector_type(16)));
#define EVERY_FOURTH(v, i) __builtin_shufflevector(v, v, i, 4 + i, 8 + i, 12 + i, 16 + i, 20 + i, 24 + i, 28 + i, \
    32 + i, 36 + i, 40 + i, 44 + i, 48 + i, 52 + i, 56 + i, 60 + i)
int x = 0;
for (; x + 16 <= width; x += 16) {
    Words words;
    Samples samples;
    __builtin_memcpy(&words, shown + x * 4, sizeof words);
    __builtin_memcpy(&samples, nearest + x * 4, sizeof samples);
    const Ints first = EVERY_FOURTH(words, 0);
    const Ints other = (first ^ EVERY_FOURTH(words, 1)) | (first ^ EVERY_FOURTH(words, 2)) | (first ^ EVERY_FOURTH(words, 3));
    const Ints same = other == 0, surface = same ? first - 1 : (Ints)MIXED;
    Floats distance = 1.0f / EVERY_FOURTH(samples, 0);
    distance = first == 0 ? (Floats)FAR_AWAY : distance;
    __builtin_memcpy(row_depth + x, &distance, sizeof distance);
    __builtin_memcpy(row_surface + x, &surface, sizeof surface);
    int marks[16];
    __builtin_memcpy(marks, &first, sizeof marks);
    _Pragma("clang loop vectorize(assume_safety)")
    for (int i = 0; i < 16; ++i) row_part[x + i] = marks[i] == 0 ? -1 : part_of[marks[i] == 0 ? 0 : marks[i] - 1];
    unsigned differ = 0xFFFF & ~__builtin_bit_cast(unsigned short, __builtin_convertvector(same, Bits));
    for (; differ != 0; differ &= differ - 1) keep_mixed(x + __builtin_ctz(differ));
}
#undef EVERY_FOURTH
for (; x < width; ++x) {
    const int* sample = shown + x * 4;
    const bool same = sample[0] == sample[1] && sample[0] == sample[2] && sample[0] == sample[3];
    row_depth[x] = sample[0] == 0 ? FAR_AWAY : 1.0f / nearest[x * 4];
    row_part[x] = sample[0] == 0 ? -1 : part_of[sample[0] - 1];
    row_surface[x] = same ? sample[0] - 1 : MIXED;
    if (!same) keep_mixed(x);
}
