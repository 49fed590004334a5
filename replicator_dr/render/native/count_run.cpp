// What each entity covers in one run of pixels. The body of labels.count_run.
//
// A row is walked in stretches of equal content, so that counting costs by the stretch, not by the pixel.
#if defined(__CUDA_ARCH__)
const auto lowest_bit = [](unsigned long long bits) { return __ffsll((long long)bits) - 1; };
#else
const auto lowest_bit = [](unsigned long long bits) { return __builtin_ctzll(bits); };
#endif
// How far a stretch of equal values reaches from x on.
#if defined(__CUDA_ARCH__)
const auto stretch = [&](const auto* values, int step, int x) {
    const auto held = values[(long long)x * step];
    for (++x; x < x_end && values[(long long)x * step] == held;) ++x;
    return x;
};
#else
const auto stretch = [&](const auto* values, int step, int x) {
    typedef bool Flags __attribute__((ext_vector_type(16)));
    using Value = decltype(values[0] + 0);
    typedef Value Values __attribute__((ext_vector_type(16)));
    const Value held = values[(long long)x * step];
    ++x;
    for (; step == 1 && x + 16 <= x_end; x += 16) {
        Values some;
        __builtin_memcpy(&some, values + x, sizeof some);
        const unsigned differ = __builtin_bit_cast(unsigned short, __builtin_convertvector(some != held, Flags));
        if (differ != 0) return x + __builtin_ctz(differ);
    }
    for (; x < x_end && values[(long long)x * step] == held;) ++x;
    return x;
};
#endif
const int width = depth.shape[2], height = depth.shape[1], entities = counts.visible.shape[1];
const float* row_depth = depth.data + ((long long)frame * height + y) * width;
const int* row_part = part_image.data + ((long long)frame * height + y) * width;

// Boxes hold minima: x, y, -x, -y.
const auto lower = [](auto* kept, auto value) {  // most change nothing: looking is cheaper than an atomic
    if (value < *kept) wp::atomic_min(kept, value);
};
const auto widen = [&](int* box, int left, int right) {
    lower(box, left);
    lower(box + 1, y);
    lower(box + 2, -right);
    lower(box + 3, -y);
};
const long long row_of_counts = (long long)frame * entities;

for (int x = x_begin; x < x_end;) {
    const int part = row_part[x], begin = x;
    x = stretch(row_part, 1, x);
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
    lower(counts.depth_min.data + at, low);
    if (high > counts.depth_max.data[at]) wp::atomic_max(counts.depth_max.data + at, high);
}

// What covers the pixels' centres, hidden or not: one bit an entity.
for (int word = 0; word < words; ++word) {
    const wp::int64* row_bits = bits.data + (long long)image * bits.shape[1] + (long long)row * width * words + word;
    for (int x = x_begin; x < x_end;) {
        const wp::int64 held = row_bits[(long long)x * words];
        const int begin = x;
        x = stretch(row_bits, words, x);
        for (unsigned long long left = (unsigned long long)held; left != 0; left &= left - 1) {
            const long long at = row_of_counts + word * 64 + lowest_bit(left);
            wp::atomic_add(counts.amodal.data + at, x - begin);
            widen(counts.amodal_box.data + at * 4, begin, x - 1);
        }
    }
}
