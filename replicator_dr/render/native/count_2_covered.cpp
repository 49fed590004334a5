// What covers the pixels' centres, hidden or not: one bit an entity. The body of labels.count_covered.
#if defined(__CUDA_ARCH__)
const auto lowest_bit = [](unsigned long long bits) { return __ffsll((long long)bits) - 1; };
#else
const auto lowest_bit = [](unsigned long long bits) { return __builtin_ctzll(bits); };
#endif
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
