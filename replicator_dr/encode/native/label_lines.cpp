// Scan lines of label images as zlib streams, one behind the other. The body of label_png.deflate_labels, behind
// deflate.cpp and flat.cpp.
//
// Pixels that show the same lie side by side and above one another: runs of a row, found once, are all that is looked
// at for each of the images that are made of one id image.
const int images = ids.shape[0], height = ids.shape[1], width = ids.shape[2];
const int line = 1 + size * width, known = values.shape[2];
const long long pixels = (long long)width * height;
int* row_end = scratch.data;  // of its runs
int* run_end = row_end + height;
int* run_id = run_end + pixels;
tokens = (uint32*)(run_id + pixels);
for (int image = 0; image < images; ++image) {
    int runs = 0;
    for (int y = 0; y < height; ++y) {
        const int* row = ids.data + image * pixels + (long long)y * width;
        for (int x = 1; x < width; x += 16) {
            const int end = x + 16 < width ? x + 16 : width;
            if (end - x == 16) {
                int differs = 0;
                for (int k = 0; k < 16; ++k) differs |= row[x + k] ^ row[x + k - 1];
                if (!differs) continue;
            }
            for (int i = x; i < end; ++i)
                if (row[i] != row[i - 1]) { run_end[runs] = i; run_id[runs++] = row[i - 1]; }
        }
        run_end[runs] = width;
        run_id[runs++] = row[width - 1];
        row_end[y] = runs;
    }
    for (int kind = 0; kind < values.shape[0]; ++kind) {
        const uint32* value_of = values.data + ((long long)kind * images + image) * known;
        begin_stream();
        for (int y = 0, run = 0, above = 0; y < height; ++y) {
            const bool again = y && line <= WINDOW;
            const byte filter = 0;
            uint32 before = 0;
            if (again) repeat(line, 1, filter, filter);
            else { settle(); literal(filter); }
            add_sums(&filter, 1, 1);
            for (int x = 0; x < width;) {
                const uint32 value = value_of[run_id[run] + 1];
                byte pixel[4];
                for (int k = 0; k < size; ++k) pixel[k] = (byte)(value >> 8 * k);
                int stop = run_end[run];
                if (again) stop = run_end[above] < stop ? run_end[above] : stop;
                const int count = stop - x;
                if (again && value == value_of[run_id[above] + 1]) {
                    repeat(line, (long long)size * count, pixel[0], pixel[size > 1]);
                } else if (x && value == before) {
                    repeat(size, (long long)size * count, pixel[0], pixel[size > 1]);
                } else {
                    settle();
                    for (int k = 0; k < size; ++k) literal(pixel[k]);
                    repeat(size, (long long)size * (count - 1), pixel[0], pixel[size > 1]);
                }
                add_sums(pixel, size, count);
                before = value;
                x = stop;
                if (run_end[run] == stop) ++run;
                if (again && run_end[above] == stop) ++above;
            }
            if (!again) above = y ? row_end[y - 1] : 0;
        }
        stream_end.data[image * values.shape[0] + kind] = end_stream();
    }
}
needed.data[0] = (int)used;
