// Counting one run of a row's pixels for each entity: what labels.count_seen, labels.count_covered and
// bands.count_slots begin with. A row is walked in stretches of equal content, so that counting costs by the stretch,
// not by the pixel.

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
    auto held = values[(long long)x * step];
    typedef decltype(held) Values __attribute__((ext_vector_type(16)));
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
const long long row_of_counts = (long long)frame * counts.visible.shape[1];

#if defined(__CUDA_ARCH__)
const auto lowest_bit = [](unsigned long long bits) { return __ffsll((long long)bits) - 1; };
#else
const auto lowest_bit = [](unsigned long long bits) { return __builtin_ctzll(bits); };
#endif
// What covers the pixels' centres: words (or bytes) with a bit an entity, every ``step`` a pixel's; which bit is whose.
const auto count_bits = [&](const auto* words, int step, const auto& whose) {
    for (int x = x_begin; x < x_end;) {
        const int begin = x;
        const auto held = words[(long long)x * step];
        x = stretch(words, step, x);
        for (unsigned long long left = (unsigned long long)held; left != 0; left &= left - 1) {
            const long long at = row_of_counts + whose(lowest_bit(left));
            wp::atomic_add(counts.amodal.data + at, x - begin);
            widen(counts.amodal_box.data + at * 4, begin, x - 1);
        }
    }
};
