// One RGBA image as a zlib stream of PNG scan lines, with alpha (4 channels) or without (3). The body of rgb_png.deflate_rgb,
// behind deflate.cpp.
//
// Rows are filtered by Sub, in bands that stay in the second-level cache, each a deflate block with
// Huffman codes of its own. What is left after the filter is noise, in which searching for matches costs more than all
// else and saves two percent; so only two are tried, eight bytes at a time: zeros, and the row above.
const int SAMPLE = 4;
const int height = rgba.shape[1], width = rgba.shape[2], line = 1 + channels * width;
const byte* pixels = rgba.data + (long long)image * height * width * 4;
byte* band = scratch.data;
byte* begin = out.data + (long long)image * out.shape[1];
to = begin;

uint32 sum_a = 1, sum_b = 0;
const auto checksum = [&](const byte* bytes, int count) {
    for (int done = 0; done < count;) {
        const int part = count - done < 4096 ? count - done : 4096;
        uint32 plain = 0, weighted = 0;
        for (int i = 0; i < part; ++i) {
            plain += bytes[done + i];
            weighted += (uint32)(part - i) * bytes[done + i];
        }
        sum_b = (sum_b + (uint64)part * sum_a + weighted) % ADLER;
        sum_a = (sum_a + plain) % ADLER;
        done += part;
    }
};

put(0x0178, 16);  // a window of 32 KB, fastest compression
for (int top = 0; top < height; top += rows) {
    const int count = height - top < rows ? height - top : rows, bytes = count * line;
    for (int y = 0; y < count; ++y) {
        const byte* from = pixels + (long long)(top + y) * width * 4;
        byte* row = band + (long long)y * line;
        row[0] = 1;
        for (int c = 0; c < channels; ++c) row[1 + c] = from[c];
        if (channels == 4)
            for (int i = 4; i < 4 * width; ++i) row[1 + i] = from[i] - from[i - 4];
        else
            for (int x = 1; x < width; ++x)
                for (int c = 0; c < 3; ++c) row[1 + 3 * x + c] = from[4 * x + c] - from[4 * x + c - 4];
        checksum(row, line);
    }
    // Calls literal(i, n) for n bytes and match(length, distance), in order, for some of the band's bytes.
    const auto walk = [&](int first, int bytes, const auto& literal, const auto& match) {
        int i = first;
        while (i + 8 <= bytes) {
            uint64 now, above;
            __builtin_memcpy(&now, band + i, 8);
            above = ~now;
            if (line <= WINDOW && i >= line) __builtin_memcpy(&above, band + i - line, 8);
            const bool zeros = now == 0 && i > 0 && band[i - 1] == 0;
            if (!zeros && now != above) { literal(i, 8); i += 8; continue; }
            const int distance = zeros ? 1 : line;
            int end = i + 8;
            while (end + 8 <= bytes) {
                uint64 one, other;
                __builtin_memcpy(&one, band + end, 8);
                __builtin_memcpy(&other, band + end - distance, 8);
                if (one != other) break;
                end += 8;
            }
            while (end < bytes && band[end] == band[end - distance]) ++end;
            while (i < end) {
                int length = end - i < LONGEST_MATCH ? end - i : LONGEST_MATCH;
                if (end - i - length > 0 && end - i - length < 3) length -= 3;  // leave no rest below a match's least
                match(length, distance);
                i += length;
            }
        }
        if (i < bytes) literal(i, bytes - i);
    };

    // A quarter of the rows tells how often each symbol occurs; every symbol that may come gets a code.
    uint32 counts[4][256] = {}, weight[LITERALS] = {}, far[DISTANCES] = {};
    for (int y = count > SAMPLE ? SAMPLE / 2 : 0; y < count; y += SAMPLE)
        walk(
            y * line, (y + 1) * line,
            [&](int at, int n) {
                for (int k = 0; k < n; ++k) ++counts[k & 3][band[at + k]];
            },
            [&](int length, int distance) {
                uint32 extra;
                int more;
                ++weight[length_code(length, extra, more)];
                ++far[distance_code(distance, extra, more)];
            });
    for (int i = 0; i < 256; ++i) weight[i] = counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i];
    for (int i = 0; i < LITERALS; ++i) ++weight[i];
    uint32 none;
    int no_bits;
    ++far[0];
    if (line <= WINDOW) ++far[distance_code(line, none, no_bits)];
    byte lengths[LITERALS + DISTANCES];
    uint32 codes[LITERALS], far_codes[DISTANCES];
    huffman(weight, LITERALS, LONGEST_CODE, lengths);
    huffman(far, DISTANCES, LONGEST_CODE, lengths + LITERALS);
    assign(lengths, LITERALS, codes);
    assign(lengths + LITERALS, DISTANCES, far_codes);

    // Section 3.2.7. Code lengths are written plainly, four bits each: sixteen symbols of length four.
    put(top + rows >= height ? 1 : 0, 1);
    put(2, 2);
    put(LITERALS - 257, 5);
    put(DISTANCES - 1, 5);
    put(19 - 4, 4);
    flush();
    for (int i = 0; i < 19; ++i) { put(i < 3 ? 0 : 4, 3); flush(); }  // 16, 17, 18 come first and are not used
    for (int i = 0; i < LITERALS + DISTANCES; ++i) {
        const uint32 l = lengths[i];
        put((l & 1) << 3 | (l & 2) << 1 | (l & 4) >> 1 | l >> 3, 4);
        flush();
    }
    walk(
        0, bytes,
        [&](int at, int n) {
            uint64 ready = held;
            int filled = bits;
            byte* end = to;
            const auto ends = [&]() {
                __builtin_memcpy(end, &ready, 8);
                end += filled >> 3;
                ready >>= filled & ~7;
                filled &= 7;
            };
            // Four codes are joined beside what waits for the ones before them.
            const auto four = [&](const byte* symbol) {
                const uint32 a = codes[symbol[0]], b = codes[symbol[1]], c = codes[symbol[2]], d = codes[symbol[3]];
                const int at_b = a & 0xFF, at_c = at_b + (b & 0xFF), at_d = at_c + (c & 0xFF);
                const uint64 joined = (uint64)(a >> 8) | (uint64)(b >> 8) << at_b | (uint64)(c >> 8) << at_c
                    | (uint64)(d >> 8) << at_d;
                ready |= joined << filled;
                filled += at_d + (d & 0xFF);
                ends();
            };
            int k = 0;
            for (; k + 4 <= n; k += 4) four(band + at + k);
            for (; k < n; ++k) {
                const uint32 code = codes[band[at + k]];
                ready |= (uint64)(code >> 8) << filled;
                filled += code & 0xFF;
                ends();
            }
            held = ready;
            bits = filled;
            to = end;
        },
        [&](int length, int distance) {
            uint32 extra;
            int more;
            uint32 code = codes[length_code(length, extra, more)];
            put(code >> 8, code & 0xFF);
            put(extra, more);
            code = far_codes[distance_code(distance, extra, more)];
            put(code >> 8, code & 0xFF);
            put(extra, more);
            flush();
        });
    put(codes[256] >> 8, codes[256] & 0xFF);
    flush();
}
bits = (bits + 7) & ~7;
flush();
const uint32 adler = __builtin_bswap32(sum_b << 16 | sum_a);
__builtin_memcpy(to, &adler, 4);
sizes.data[image] = (int)(to + 4 - begin);
