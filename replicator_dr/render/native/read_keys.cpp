// Depth, part and triangle of a row's pixels. The body of labels.read_row.
constexpr int MIXED = -2;  // shade_10_rows.cpp
const int width = depth.shape[2];
const long long height = depth.shape[1], row = (long long)y * width;
const wp::int64* row_keys = keys.data + (long long)image * keys.shape[1] + row * 4;
float* row_depth = depth.data + frame * height * width + row;
int* row_part = part_image.data + frame * height * width + row;
int* row_surface = surface.data + image * height * width + row;
for (int x = 0; x < width; ++x) {
    const wp::int64* key = row_keys + x * 4;
    const int triangle = (int)(key[0] & 0xFFFFFFFFll) - 1;
    const wp::int64 other = ((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & 0xFFFFFFFFll;
    union { int bits; float number; } inverse;
    inverse.bits = (int)(key[0] >> 32);
    row_depth[x] = triangle < 0 ? (float)INFINITY : 1.0f / inverse.number;
    row_part[x] = triangle < 0 ? -1 : triangle_part.data[triangle];
    row_surface[x] = other == 0 ? triangle : MIXED;
}
