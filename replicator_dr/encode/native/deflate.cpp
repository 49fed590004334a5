// What writes deflate streams: bits, codes of numbers, Huffman codes (RFC 1950 and 1951). It stands in front of the
// bodies of native functions, which set where bytes go.
typedef unsigned char byte;
typedef unsigned short word;
typedef unsigned int uint32;
typedef unsigned long long uint64;

const int LITERALS = 286, LONGEST_CODE = 14, LONGEST_MATCH = 258, DISTANCES = 30, WINDOW = 32768;
const uint32 ADLER = 65521;
byte* to = nullptr;  // where the next bytes go
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
