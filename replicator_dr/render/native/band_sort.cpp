// The kept triangles by bands, in their old order: a counting sort. The body of bands.sort_kept.
const int bands = table.count, total = table.start.shape[1] - 1;
int* start = table.start.data + (long long)image * table.start.shape[1];
const int* kept = table.kept.data + (long long)image * table.kept.shape[1];
const int* span = table.span.data + (long long)image * table.span.shape[1];
int* order = table.order.data + (long long)image * table.order.shape[1];
const int held = start[total];

// Counts to ends; then filled from behind, after which each entry is where its band starts.
for (int band = 1; band <= bands; ++band) start[band] += start[band - 1];
start[total] = start[bands];
for (int i = held - 1; i >= 0; --i) {
    const int lowest = span[i] & 0xFFFF, highest = span[i] >> 16;
    if (highest - lowest > 1) {
        order[--start[bands]] = kept[i];
    } else {
        order[--start[lowest]] = kept[i];
        if (highest != lowest) order[--start[highest]] = kept[i];
    }
}
