// Areas, boxes, and the characters of each object's counts: first how many, then the characters themselves. It stands
// behind what has found the runs: run_object, run_start and run_stop, those of an object by ascending start; last has
// room for four numbers of each object.
const int LARGEST = 0x7FFFFFFF;
int* areas = area.data + (long long)image * objects;
int* boxes = box.data + (long long)image * objects * 4;
int* ends = text_end.data + (long long)image * objects;
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
