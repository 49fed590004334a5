// Depth, parts and entity counts of one run of pixels. The body of labels.read_labels_run.
//
// A row is walked in stretches of equal content, so that counting costs by the stretch, not by the pixel.
#if defined(__CUDA_ARCH__)
const auto lowest_bit = [](unsigned long long bits) { return __ffsll((long long)bits) - 1; };
#else
const auto lowest_bit = [](unsigned long long bits) { return __builtin_ctzll(bits); };
#endif
const float FAR_AWAY = (float)INFINITY;
const int width = depth.shape[2], height = depth.shape[1], entities = counts.visible.shape[1];
const wp::int64* row_keys = keys.data + (long long)image * keys.shape[1] + (long long)y * width * 4;
float* row_depth = depth.data + ((long long)frame * height + y) * width;
int* row_part = part_image.data + ((long long)frame * height + y) * width;

const int count = x_end - x_begin;
for (int i = 0; i < count; ++i) {
    const wp::int64 key = row_keys[(x_begin + i) * 4];
    const int triangle = (int)(key & 0xFFFFFFFFll) - 1;
    union { int bits; float number; } inverse;
    inverse.bits = (int)(key >> 32);
    row_depth[x_begin + i] = triangle < 0 ? FAR_AWAY : 1.0f / inverse.number;
    row_part[x_begin + i] = triangle < 0 ? -1 : triangle_part.data[triangle];
}

// Boxes hold minima: x, y, -x, -y.
const auto widen = [&](int* box, int left, int right) {
    wp::atomic_min(box, left);
    wp::atomic_min(box + 1, y);
    wp::atomic_min(box + 2, -right);
    wp::atomic_min(box + 3, -y);
};
const long long row_of_counts = (long long)frame * entities;

for (int x = x_begin; x < x_end;) {
    const int part = row_part[x], begin = x;
    for (++x; x < x_end && row_part[x] == part;) ++x;
    const int entity = part < 0 ? -1 : part_entity.data[part];
    if (entity < 0) continue;
    float low = row_depth[begin], high = low;
    for (int i = begin + 1; i < x; ++i) {
        low = row_depth[i] < low ? row_depth[i] : low;
        high = row_depth[i] > high ? row_depth[i] : high;
    }
    const long long at = row_of_counts + entity;
    wp::atomic_add(counts.visible.data + at, x - begin);
    widen(counts.visible_box.data + at * 4, begin, x - 1);
    wp::atomic_min(counts.depth_min.data + at, low);
    wp::atomic_max(counts.depth_max.data + at, high);
}

// What covers the pixels' centres, hidden or not: one bit an entity.
for (int word = 0; word < words; ++word) {
    const wp::int64* row_bits = bits.data + ((long long)image * height + y) * width * words + word;
    for (int x = x_begin; x < x_end;) {
        const wp::int64 held = row_bits[(long long)x * words];
        const int begin = x;
        for (++x; x < x_end && row_bits[(long long)x * words] == held;) ++x;
        for (unsigned long long left = (unsigned long long)held; left != 0; left &= left - 1) {
            const long long at = row_of_counts + word * 64 + lowest_bit(left);
            wp::atomic_add(counts.amodal.data + at, x - begin);
            widen(counts.amodal_box.data + at * 4, begin, x - 1);
        }
    }
}
