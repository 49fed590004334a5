// One RGBA image as a zlib stream of PNG scan lines without alpha. The body of rgb_png.deflate_rgb.
//
// RFC 1950 and 1951. Rows are filtered by Sub, in bands that stay in the second-level cache, each a deflate block with
// Huffman codes of its own. What is left after the filter is noise, in which searching for matches costs more than all
// else and saves two percent; so only two are tried, eight bytes at a time: zeros, and the row above.
typedef unsigned char byte;
typedef unsigned short word;
typedef unsigned int uint32;
typedef unsigned long long uint64;

const int LITERALS = 286, LONGEST_CODE = 14, LONGEST_MATCH = 258, DISTANCES = 30, WINDOW = 32768, SAMPLE = 4;
const uint32 ADLER = 65521;
const int height = rgba.shape[1], width = rgba.shape[2], line = 1 + 3 * width;
const byte* pixels = rgba.data + (long long)image * height * width * 4;
byte* band = scratch.data;
byte* begin = out.data + (long long)image * out.shape[1];
byte* to = begin;

uint64 held = 0;  // bits not written yet
int bits = 0;
const auto flush = [&]() {
    __builtin_memcpy(to, &held, 8);
    to += bits >> 3;
    held >>= bits & ~7;
    bits &= 7;
};
const auto put = [&](uint32 value, int count) {
    held |= (uint64)value << bits;
    bits += count;
};

// Section 3.2.5: the code of a number that grows by powers of two, its extra bits and how many.
const auto distance_code = [](int distance, uint32& extra, int& count) {
    const int number = distance - 1;
    if (number < 4) { extra = 0; count = 0; return number; }
    const int top = 31 - __builtin_clz((uint32)number);
    count = top - 1;
    extra = (uint32)number & ((1u << count) - 1);
    return 2 * top + (int)((number >> count) & 1);
};
const auto length_code = [](int length, uint32& extra, int& count) {
    if (length == LONGEST_MATCH) { extra = 0; count = 0; return 285; }
    const int number = length - 3;
    if (number < 8) { extra = 0; count = 0; return 257 + number; }
    const int top = 31 - __builtin_clz((uint32)number);
    count = top - 2;
    extra = (uint32)number & ((1u << count) - 1);
    return 257 + 4 * (top - 1) + (int)((number >> count) & 3);
};

// Lengths of a Huffman code, limited: a heap of (weight, node), then the longest are cut and the Kraft sum repaired.
const auto huffman = [](const uint32* weight, int symbols, int limit, byte* length) {
    uint64 heap[LITERALS + 1];
    short parent[2 * LITERALS];
    int size = 0, used = 0;
    const auto sift = [&](int at) {
        const uint64 value = heap[at];
        for (int child; (child = 2 * at + 1) < size; at = child) {
            if (child + 1 < size && heap[child + 1] < heap[child]) ++child;
            if (heap[child] >= value) break;
            heap[at] = heap[child];
        }
        heap[at] = value;
    };
    for (int i = 0; i < symbols; ++i) {
        length[i] = 0;
        if (weight[i]) { heap[size++] = (uint64)weight[i] << 16 | i; ++used; }
    }
    if (used < 2) {  // a code of one symbol has one bit
        for (int i = 0; i < symbols; ++i) length[i] = weight[i] ? 1 : 0;
        return;
    }
    for (int i = size / 2 - 1; i >= 0; --i) sift(i);
    int node = symbols;
    while (size > 1) {
        const uint64 first = heap[0];
        heap[0] = heap[--size];
        sift(0);
        const uint64 second = heap[0];
        parent[first & 0xFFFF] = parent[second & 0xFFFF] = (short)node;
        heap[0] = ((first >> 16) + (second >> 16)) << 16 | node++;
        sift(0);
    }
    byte depth[2 * LITERALS];
    depth[node - 1] = 0;
    int kraft = 0;  // in units of 2^-limit
    for (int i = node - 2; i >= 0; --i) {
        if (i < symbols && !weight[i]) continue;
        depth[i] = depth[parent[i]] + 1;
        if (i < symbols) {
            length[i] = depth[i] > limit ? limit : depth[i];
            kraft += 1 << (limit - length[i]);
        }
    }
    // Lengthen codes, long ones first, until all fit; then shorten what fits again.
    while (kraft > 1 << limit)
        for (int longest = limit - 1; longest > 0 && kraft > 1 << limit; --longest)
            for (int i = symbols - 1; i >= 0 && kraft > 1 << limit; --i)
                if (length[i] == longest) {
                    kraft -= 1 << (limit - longest - 1);
                    ++length[i];
                }
    for (int i = 0; i < symbols && kraft < 1 << limit; ++i)
        while (length[i] > 1 && kraft + (1 << (limit - length[i])) <= 1 << limit) {
            kraft += 1 << (limit - length[i]);
            --length[i];
        }
};

// Section 3.2.2: canonical codes, their bits reversed. An entry is code << 8 | length.
const auto assign = [](const byte* length, int symbols, uint32* code) {
    int next[16] = {}, count[16] = {};
    for (int i = 0; i < symbols; ++i) ++count[length[i]];
    count[0] = 0;
    for (int bits = 1, value = 0; bits < 16; ++bits) next[bits] = value = (value + count[bits - 1]) << 1;
    for (int i = 0; i < symbols; ++i) {
        uint32 value = length[i] ? next[length[i]]++ : 0, turned = 0;
        for (int bit = 0; bit < length[i]; ++bit, value >>= 1) turned = turned << 1 | (value & 1);
        code[i] = turned << 8 | length[i];
    }
};

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
        for (int c = 0; c < 3; ++c) row[1 + c] = from[c];
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
            for (int k = 0; k < n; ++k) {
                const uint32 code = codes[band[at + k]];
                ready |= (uint64)(code >> 8) << filled;
                filled += code & 0xFF;
                if ((k & 3) != 3 && k + 1 < n) continue;
                __builtin_memcpy(end, &ready, 8);
                end += filled >> 3;
                ready >>= filled & ~7;
                filled &= 7;
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
