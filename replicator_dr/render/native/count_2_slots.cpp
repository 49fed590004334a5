// What covers the pixels' centres, for the entities that have a slot. The body of bands.count_slots.
const int bytes = images.silhouettes;
const int* owner = images.owner.data + (long long)image * images.owner.shape[1];
const unsigned char* row = (const unsigned char*)(images.bits.data + (long long)image * images.bits.shape[1])
    + (long long)(y - images.top) * images.width * bytes;
for (int byte = 0; byte < bytes; ++byte)
    count_bits(row + byte, bytes, [&](int bit) { return owner[byte * 8 + bit]; });
