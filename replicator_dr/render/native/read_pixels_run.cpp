// Depth, part and triangle of one run of pixels. The body of labels.read_pixels_run.
const float FAR_AWAY = (float)INFINITY;
constexpr int MIXED = -2;  // shade_8_rows.cpp
const int width = depth.shape[2], height = depth.shape[1];
const wp::int64* row_keys = keys.data + (long long)image * keys.shape[1] + (long long)y * width * 4;
float* row_depth = depth.data + ((long long)frame * height + y) * width;
int* row_part = part_image.data + ((long long)frame * height + y) * width;

// Of each pixel: depth and part at its centre, and the triangle where all four samples show the same.
const int* part_of = triangle_part.data;
int* row_surface = surface.data + ((long long)image * height + y) * width;
const auto read_pixel = [&](int x) {
    const wp::int64* key = row_keys + x * 4;
    const int triangle = (int)(key[0] & 0xFFFFFFFFll) - 1;
    const wp::int64 other = ((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & 0xFFFFFFFFll;
    union { int bits; float number; } inverse;
    inverse.bits = (int)(key[0] >> 32);
    row_depth[x] = triangle < 0 ? FAR_AWAY : 1.0f / inverse.number;
    row_part[x] = triangle < 0 ? -1 : part_of[triangle];
    row_surface[x] = other == 0 ? triangle : MIXED;
};
int x_read = x_begin;
#if !defined(__CUDA_ARCH__)
// Eight pixels at a time: their keys as words, the low one (triangle + 1) of sample i of pixel j at 8 j + 2 i.
typedef int Words __attribute__((ext_vector_type(64)));
typedef int Eight __attribute__((ext_vector_type(8)));
typedef float Floats __attribute__((ext_vector_type(8)));
for (; x_read + 8 <= x_end; x_read += 8) {
    Words words;
    __builtin_memcpy(&words, row_keys + x_read * 4, sizeof words);
    const Eight first = __builtin_shufflevector(words, words, 0, 8, 16, 24, 32, 40, 48, 56);
    const Eight second = __builtin_shufflevector(words, words, 2, 10, 18, 26, 34, 42, 50, 58);
    const Eight third = __builtin_shufflevector(words, words, 4, 12, 20, 28, 36, 44, 52, 60);
    const Eight fourth = __builtin_shufflevector(words, words, 6, 14, 22, 30, 38, 46, 54, 62);
    const Eight inverse = __builtin_shufflevector(words, words, 1, 9, 17, 25, 33, 41, 49, 57);
    const Eight same = ((first ^ second) | (first ^ third) | (first ^ fourth)) == 0;
    const Eight shown = same ? first - 1 : (Eight)MIXED;
    Floats distance = 1.0f / __builtin_bit_cast(Floats, inverse);
    distance = first == 0 ? (Floats)FAR_AWAY : distance;
    __builtin_memcpy(row_depth + x_read, &distance, sizeof distance);
    __builtin_memcpy(row_surface + x_read, &shown, sizeof shown);
    for (int i = 0; i < 8; ++i) row_part[x_read + i] = first[i] == 0 ? -1 : part_of[first[i] - 1];
}
#endif
for (; x_read < x_end; ++x_read) read_pixel(x_read);
