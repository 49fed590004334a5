// Scan lines of masks, 0 and 255, as zlib streams, one behind the other. The body of mask_png.deflate_masks, behind
// deflate.cpp and flat.cpp.
//
// A mask comes as COCO's run lengths, which go down the columns; what its box holds of it is painted, and read row by
// row. What lies around it is one long run.
const int masks = text_end.shape[0];
byte* crop = painted.data;
tokens = (uint32*)scratch.data;
long long used = 0;
for (int mask = 0; mask < masks; ++mask) {
    const byte* character = text.data + (mask ? text_end.data[mask - 1] : 0);
    const byte* end = text.data + text_end.data[mask];
    // Calls run(start, stop) for each run of ones.
    const auto runs = [&](const auto& run) {
        long long before[2] = {0, 0}, at = 0;
        int number = 0;
        for (const byte* c = character; c < end; ++number) {
            long long value = 0;
            int shift = 0, group;
            do {
                group = *c++ - 48;
                value |= (long long)(group & 31) << shift;
                shift += 5;
            } while (group & 32 && c < end);
            if (group & 16) value |= -1LL << shift;
            if (number > 2) value += before[number & 1];
            before[number & 1] = value;
            if (number & 1) run((int)at, (int)(at + value));
            at += value;
        }
    };
    int left = width, top = height, right = -1, bottom = -1;
    runs([&](int start, int stop) {
        if (start == stop) return;
        const int first = start / height, last = (stop - 1) / height;
        const int low = first < last ? 0 : start - first * height;
        const int high = first < last ? height - 1 : stop - 1 - last * height;
        left = first < left ? first : left;
        right = last > right ? last : right;
        top = low < top ? low : top;
        bottom = high > bottom ? high : bottom;
    });
    const int across = right < left ? 0 : right - left + 1, down = right < left ? 0 : bottom - top + 1;
    for (int i = 0; i < across * down; ++i) crop[i] = 0;
    runs([&](int start, int stop) {
        int x = start / height, y = start - x * height;
        while (start < stop) {
            const int part = height - y < stop - start ? height - y : stop - start;
            for (int i = 0; i < part; ++i) crop[(y - top + i) * across + x - left] = 255;
            start += part;
            y = 0;
            ++x;
        }
    });

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
    count = (long long)(down ? top : height) * (1 + width);
    for (int y = 0; y < down; ++y) {
        const byte* row = crop + y * across;
        if (value) { close(); value = 0; }
        count += 1 + left;
        for (int x = 0; x < across;) {
            int stop = x + 1;
            while (stop < across && row[stop] == row[x]) ++stop;
            if (row[x] != value) { close(); value = row[x]; }
            count += stop - x;
            x = stop;
        }
        if (right + 1 < width) {
            if (value) { close(); value = 0; }
            count += width - right - 1;
        }
    }
    if (down && bottom + 1 < height) {
        if (value) { close(); value = 0; }
        count += (long long)(height - bottom - 1) * (1 + width);
    }
    close();
    const long long most = measured();
    if (used + most <= out.shape[0]) {
        to = out.data + used;
        write_stream();
        used = to - out.data;
    } else {
        used += most;
    }
    stream_end.data[mask] = (int)used;
}
needed.data[0] = (int)used;
