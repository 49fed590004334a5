// The runs of masks that may overlap, as words of bits. The body of bit_masks.bit_mask_image, in front of
// run_counts.cpp.
//
// Where a pixel differs from the one above is found row by row, and those few places are brought into the order of
// columns by counting, as in mask_image.cpp; there each bit that has changed begins or ends a run of its mask.
const int height = masks.shape[1], width = masks.shape[2], words = masks.shape[3], objects = area.shape[1];
const long long pixels = (long long)height * width;
const long long* from = masks.data + image * pixels * words;

int* change_x = scratch.data;
int* change_y = change_x + pixels;
int* sorted = change_y + pixels;
int* at_column = sorted + pixels;  // where the changes of each column begin, then where they end
int* begun = at_column + width + 1;  // where the run of each mask has begun that is not at its end, or -1
int* last = begun + objects;
int* run_object = last + 4 * objects;
int* run_start = run_object + most_runs;
int* run_stop = run_start + most_runs;
for (int x = 0; x <= width; ++x) at_column[x] = 0;
int found = 0;
for (int y = 1; y < height; ++y) {
    const long long* row = from + (long long)y * width * words;
    const long long* above = row - (long long)width * words;
    for (int x = 0; x < width; x += 8) {
        const int end = x + 8 < width ? x + 8 : width;
        long long differs = 0;
        for (int k = x * words; k < end * words; ++k) differs |= row[k] ^ above[k];
        if (!differs) continue;
        for (int i = x; i < end; ++i) {
            differs = 0;
            for (int k = 0; k < words; ++k) differs |= row[i * words + k] ^ above[i * words + k];
            if (!differs) continue;
            change_x[found] = i;
            change_y[found++] = y;
            ++at_column[i + 1];
        }
    }
}
for (int x = 0; x < width; ++x) at_column[x + 1] += at_column[x];
for (int i = 0; i < found; ++i) sorted[at_column[change_x[i]]++] = change_y[i];

int runs = 0;
const auto close = [&](int object, int here) {
    if (runs < most_runs) {
        run_object[runs] = object;
        run_start[runs] = begun[object];
        run_stop[runs] = here;
    }
    ++runs;
    begun[object] = -1;
};
const auto reach = [&](const long long* now, const long long* before, int here) {
    for (int k = 0; k < words; ++k)
        for (unsigned long long differs = now[k] ^ (before ? before[k] : 0); differs; differs &= differs - 1) {
            const int object = 64 * k + __builtin_ctzll(differs);
            if (begun[object] < 0) begun[object] = here;
            else close(object, here);
        }
};
for (int i = 0; i < objects; ++i) begun[i] = -1;
for (int x = 0, next = 0; x < width; ++x) {
    const long long* top = from + (long long)x * words;
    reach(top, x ? top + ((long long)(height - 1) * width - 1) * words : nullptr, x * height);
    for (; next < at_column[x]; ++next) {
        const long long* now = top + (long long)sorted[next] * width * words;
        reach(now, now - (long long)width * words, x * height + sorted[next]);
    }
}
for (int i = 0; i < objects; ++i) if (begun[i] >= 0) close(i, (int)pixels);
needed_runs.data[image] = runs;
if (runs > most_runs) runs = 0;
