// Scan lines of masks, 0 and 255, as zlib streams, one behind the other. The body of mask_png.deflate_masks, behind
// deflate.cpp, flat.cpp and each_run.cpp.
//
// A mask comes as COCO's run lengths, which go down the columns. Where a column differs from the one before it, a run
// of its row begins or ends: those edges are brought into the order of rows by counting.
const int masks = text_end.shape[0];
const long long pixels = (long long)width * height;
tokens = scratch.data;
int* edge_x = (int*)(tokens + pixels + height);
int* edge_y = edge_x + pixels;
int* sorted = edge_y + pixels;  // x of the edges, row after row
int* row_end = sorted + pixels;
int* ends[2] = {row_end + height + 1, row_end + 2 * height + 2};  // where runs begin and end in two columns
for (int mask = 0; mask < masks; ++mask) {
    const byte* character = text.data + (mask ? text_end.data[mask - 1] : 0);
    const byte* end = text.data + text_end.data[mask];
    int edges = 0, column = 0, here = 0, there = 0;  // of the column, and of the one before it
    for (int y = 0; y <= height; ++y) row_end[y] = 0;
    // The column is whole: what is on one side of its left border only. A row is met twice where runs touch.
    const auto next_column = [&]() {
        const int* now = ends[column & 1];
        const int* before = ends[~column & 1];
        int i = 0, j = 0, from = -1;
        while (i < here || j < there) {
            int y;
            if (j == there || (i < here && now[i] < before[j])) y = now[i++];
            else if (i == here || before[j] < now[i]) y = before[j++];
            else { ++i; ++j; continue; }
            if (from < 0) { from = y; continue; }
            for (; from < y; ++from) { edge_x[edges] = column; edge_y[edges++] = from; ++row_end[from + 1]; }
            from = -1;
        }
        there = here;
        here = 0;
        ++column;
    };
    long long at = 0;
    each_run(character, end, [&](int number, long long length) {
        if (number & 1) {
            for (long long start = at; start < at + length;) {
                while ((column + 1LL) * height <= start) next_column();
                const long long top = start - (long long)column * height, left = at + length - start;
                ends[column & 1][here++] = (int)top;
                ends[column & 1][here++] = (int)(top + left < height ? top + left : height);
                start += height - top;
            }
        }
        at += length;
    });
    while (column < width) next_column();
    for (int y = 0; y < height; ++y) row_end[y + 1] += row_end[y];
    for (int i = 0; i < edges; ++i) sorted[row_end[edge_y[i]]++] = edge_x[i];  // from here on where each row ends

    begin_stream();
    byte value = 0;
    long long count = 0;
    const auto close = [&]() {
        if (!count) return;
        add_sums(&value, 1, count);
        settle();
        literal(value);
        repeat(1, count - 1, value, value);
        count = 0;
    };
    const int line = 1 + width;
    for (int y = 0; y < height; ++y) {
        const int begin = y ? row_end[y - 1] : 0, stop = row_end[y], row = stop - begin;
        bool same = row && y && line <= WINDOW && row == begin - (y > 1 ? row_end[y - 2] : 0);
        for (int i = begin; same && i < stop; ++i) same = sorted[i] == sorted[i - row];
        if (same) close();
        int x = -1;
        for (int i = begin; i <= stop; ++i) {
            const int until = i < stop ? sorted[i] : width;
            const byte now = (i - begin) & 1 ? 255 : 0;
            if (same) {
                add_sums(&now, 1, until - x);
            } else if (until > x) {
                if (now != value) { close(); value = now; }
                count += until - x;
            }
            x = until;
        }
        if (same) { repeat(line, line, 0, sorted[begin] ? 0 : 255); value = 0; }
    }
    close();
    stream_end.data[mask] = end_stream();
}
needed.data[0] = (int)used;
