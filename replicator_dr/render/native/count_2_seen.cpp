// What is seen of each entity. The body of labels.count_seen.
const int width = depth.shape[2], height = depth.shape[1];
const float* row_depth = depth.data + ((long long)frame * height + y) * width;
const int* row_part = part_image.data + ((long long)frame * height + y) * width;

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
