// Four pixels of a row are sixteen samples side by side: their depth test, and the bits of what covers their centres,
// in front of cover_rows.cpp and band_cover.cpp. word, bit: where the entity's stands, word -1 = it has none.
#if !defined(__CUDA_ARCH__)
typedef int Ints __attribute__((ext_vector_type(16)));
typedef float Floats __attribute__((ext_vector_type(16)));
typedef bool Bits __attribute__((ext_vector_type(16)));
constexpr Floats PIXEL_OF = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
// A triangle's samples are kept inside it where none is nearer; of those as near, the higher mark.
const auto keep_nearest = [](float* nearest, int* shown, Ints inside, Floats iz, float low, float high, int mark) {
    iz = iz < low ? (Floats)low : iz;
    iz = iz > high ? (Floats)high : iz;
    Floats held;
    Ints kept;
    __builtin_memcpy(&held, nearest, sizeof held);
    __builtin_memcpy(&kept, shown, sizeof kept);
    const Ints wins = inside & ((iz > held) | ((iz == held) & (mark > kept)));
    held = wins ? iz : held;
    kept = wins ? (Ints)mark : kept;
    __builtin_memcpy(nearest, &held, sizeof held);
    __builtin_memcpy(shown, &kept, sizeof kept);
};
// at: the first pixel, counted from the buffers' beginning; hit: a bit for each sample, the centre's the first of four.
wp::int64* const centre_bits = images.bits.data + (long long)image * images.bits.shape[1];
unsigned char* const centre_bytes = (unsigned char*)centre_bits;
const auto cover_centres = [&](long long at, unsigned hit) {
    if (word < 0 || (hit & 0x1111) == 0) return;
    for (int i = 0; i < 4; ++i) {
        if (!((hit >> (4 * i)) & 1)) continue;
        if (images.silhouettes) centre_bytes[(at + i) * images.silhouettes + word] |= (unsigned char)bit;
        else centre_bits[(at + i) * images.words + word] |= bit;
    }
};
#endif
