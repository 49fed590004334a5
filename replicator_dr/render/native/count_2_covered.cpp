// What covers the pixels' centres, hidden or not: one bit an entity. The body of labels.count_covered.
const wp::int64* row_bits = bits.data + (long long)image * bits.shape[1] + (long long)row * width * words;
for (int word = 0; word < words; ++word)
    count_bits(row_bits + word, words, [&](int bit) { return word * 64 + bit; });
