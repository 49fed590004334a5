// What covers the pixels' centres, for the entities that have a slot. The body of bands.count_slots.
const int bytes = images.silhouettes, entities = images.slot.shape[1];
const int* slots = images.slot.data + (long long)image * entities;
const unsigned char* plane = (const unsigned char*)(images.bits.data + (long long)image * images.bits.shape[1])
    + (long long)(y - images.top) * images.width * bytes;
for (int entity = 0; entity < entities; ++entity) {
    if (slots[entity] < 0 || (slots[entity] & 7)) continue;
    // The first of a byte: the others that have a bit in it come behind, in order.
    int own[8] = {}, some = 0;
    for (int other = entity; other < entities && some < 8; ++other)
        if (slots[other] >= 0) own[some++] = other;
    const unsigned char* row = plane + (slots[entity] >> 3);
    for (int x = x_begin; x < x_end;) {
        const unsigned held = row[(long long)x * bytes];
        const int begin = x;
        x = stretch(row, bytes, x);
        for (unsigned left = held; left != 0; left &= left - 1) {
            const long long at = row_of_counts + own[__builtin_ctz(left)];
            wp::atomic_add(counts.amodal.data + at, x - begin);
            widen(counts.amodal_box.data + at * 4, begin, x - 1);
        }
    }
}
