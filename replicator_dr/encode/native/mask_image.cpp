// COCO's run-length masks of all objects of one id image. The body of masks.mask_image, in front of
// run_counts.cpp.
//
// Runs go down the columns, pixels lie in memory along the rows: so where an id differs from the one above is found row
// by row, those few places are brought into the order of columns by counting, and only they are looked at again.
const int height = ids.shape[1], width = ids.shape[2], objects = area.shape[1], known = rows.shape[1];
const long long pixels = (long long)height * width;
const int* object_of = rows.data + (long long)image * known;
const int* from = ids.data + image * pixels;

// 1. The changes along columns, and how many each column has.
int* change_x = scratch.data;
int* change_y = change_x + pixels;
int* sorted = change_y + pixels;
int* at_column = sorted + pixels;  // where the changes of each column begin, then where they end
for (int x = 0; x <= width; ++x) at_column[x] = 0;
int found = 0;
for (int y = 1; y < height; ++y) {
    const int* row = from + (long long)y * width;
    const int* above = row - width;
    for (int x = 0; x < width; x += 16) {
        const int end = x + 16 < width ? x + 16 : width;
        if (end - x == 16) {
            int differs = 0;
            for (int k = 0; k < 16; ++k) differs |= row[x + k] ^ above[x + k];
            if (!differs) continue;
        }
        for (int i = x; i < end; ++i)
            if (row[i] != above[i]) {
                change_x[found] = i;
                change_y[found++] = y;
                ++at_column[i + 1];
            }
    }
}
for (int x = 0; x < width; ++x) at_column[x + 1] += at_column[x];
for (int i = 0; i < found; ++i) sorted[at_column[change_x[i]]++] = change_y[i];

// 2. The runs of each object: which, start, stop. A run goes on over the end of a column.
int* run_object = change_x;  // there are never more runs than changes and columns
int* run_start = change_y;
int* run_stop = at_column + width + 1;
int runs = 0, current = -1, start = 0;
const auto reach = [&](int x, int y) {
    const int id = from[(long long)y * width + x] + 1;
    const int object = id >= 0 && id < known ? object_of[id] : -1;
    if (object == current) return;
    const int here = x * height + y;
    if (current >= 0) { run_object[runs] = current; run_start[runs] = start; run_stop[runs++] = here; }
    current = object;
    start = here;
};
for (int x = 0, next = 0; x < width; ++x) {
    reach(x, 0);
    for (; next < at_column[x]; ++next) reach(x, sorted[next]);
}
if (current >= 0) { run_object[runs] = current; run_start[runs] = start; run_stop[runs++] = (int)pixels; }
int* last = run_stop + pixels;  // end of the last run, number of counts, last two counts
