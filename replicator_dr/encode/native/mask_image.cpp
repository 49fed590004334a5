// COCO's run-length masks of all objects of one id image. The body of masks.mask_image.
//
// Runs go down the columns, pixels lie in memory along the rows: so where an id differs from the one above is found row
// by row, those few places are brought into the order of columns by counting, and only they are looked at again.
const int height = ids.shape[1], width = ids.shape[2], objects = area.shape[1], known = rows.shape[1];
const long long pixels = (long long)height * width;
const int* object_of = rows.data + (long long)image * known;
const int* from = ids.data + image * pixels;
const int LARGEST = 0x7FFFFFFF;

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

// 3. Areas, boxes, and the characters of each object's counts: first how many, then the characters themselves.
int* areas = area.data + (long long)image * objects;
int* boxes = box.data + (long long)image * objects * 4;
int* ends = text_end.data + (long long)image * objects;
int* last = run_stop + pixels;  // end of the last run, number of counts, last two counts
unsigned char* characters = text.data + (long long)image * text.shape[1];
for (int i = 0; i < objects; ++i) {
    areas[i] = 0;
    boxes[4 * i] = boxes[4 * i + 1] = LARGEST;
    boxes[4 * i + 2] = boxes[4 * i + 3] = -1;
}
for (int i = 0; i < runs; ++i) {
    const int begin = run_start[i], stop = run_stop[i] - 1;
    int* b = boxes + 4 * run_object[i];
    const int left = begin / height, right = stop / height;
    const int top = left < right ? 0 : begin - left * height, bottom = left < right ? height - 1 : stop - right * height;
    areas[run_object[i]] += stop + 1 - begin;
    b[0] = left < b[0] ? left : b[0];
    b[1] = top < b[1] ? top : b[1];
    b[2] = right > b[2] ? right : b[2];
    b[3] = bottom > b[3] ? bottom : b[3];
}
const auto count_all = [&](const auto& number) {
    for (int i = 0; i < 4 * objects; ++i) last[i] = 0;
    const auto count = [&](int object, int value) {
        int* s = last + 4 * object;
        number(object, s[1] > 2 ? value - s[2] : value);  // from the fourth on, less the one two before
        ++s[1];
        s[2] = s[3];
        s[3] = value;
    };
    for (int i = 0; i < runs; ++i) {
        const int object = run_object[i];
        count(object, run_start[i] - last[4 * object]);
        count(object, run_stop[i] - run_start[i]);
        last[4 * object] = run_stop[i];
    }
    for (int object = 0; object < objects; ++object)
        if (areas[object] && last[4 * object] < pixels) count(object, (int)pixels - last[4 * object]);
};
// Five bits at a time, least significant first; the last group's highest bit is the sign.
const auto more = [](int& value, int group) {
    value >>= 5;
    return group & 16 ? value != -1 : value != 0;
};
for (int i = 0; i < objects; ++i) ends[i] = 0;
count_all([&](int object, int value) {
    int group;
    do { group = value & 31; ++ends[object]; } while (more(value, group));
});
int total = 0;
for (int i = 0; i < objects; ++i) { const int length = ends[i]; ends[i] = total; total += length; }
needed.data[image] = total;
if (total <= text.shape[1]) {
    count_all([&](int object, int value) {
        bool again = true;
        while (again) {
            const int group = value & 31;
            again = more(value, group);
            characters[ends[object]++] = (unsigned char)((again ? group | 32 : group) + 48);
        }
    });
}
