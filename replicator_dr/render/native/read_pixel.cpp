// Depth, part and triangle of one pixel. The body of labels.read_pixel.
constexpr int MIXED = -2;  // shade_8_rows.cpp
const long long height = depth.shape[1], width = depth.shape[2], at = y * width + x;
const wp::int64* key = keys.data + (long long)image * keys.shape[1] + at * 4;
const int triangle = (int)(key[0] & 0xFFFFFFFFll) - 1;
const wp::int64 other = ((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & 0xFFFFFFFFll;
union { int bits; float number; } inverse;
inverse.bits = (int)(key[0] >> 32);
const long long of_frame = frame * height * width + at;
depth.data[of_frame] = triangle < 0 ? (float)INFINITY : 1.0f / inverse.number;
part_image.data[of_frame] = triangle < 0 ? -1 : triangle_part.data[triangle];
surface.data[image * height * width + at] = other == 0 ? triangle : MIXED;
