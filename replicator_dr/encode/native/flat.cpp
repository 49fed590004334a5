// Deflate streams of scan lines that are made of runs, behind deflate.cpp. Bytes come as they are or as repetitions of
// earlier ones, however long; bodies set where tokens go. Streams go one behind the other into the function's ``out``.
uint32* tokens = nullptr;  // a byte, or 2^31 + (length << 16) + distance - 1
int token_count = 0, waiting_distance = 0;
long long waiting = 0, code_bits = 0;  // bytes of a repetition that may go on; bits behind the codes of numbers
byte waiting_bytes[2];
uint32 weight[LITERALS], far[DISTANCES];
uint64 sum_a = 1, sum_b = 0;
long long used = 0;  // bytes of all streams, with what those need that had no room in ``out``

const auto begin_stream = [&]() {
    for (int i = 0; i < LITERALS; ++i) weight[i] = 0;
    for (int i = 0; i < DISTANCES; ++i) far[i] = 0;
    token_count = 0;
    waiting = code_bits = 0;
    sum_a = 1;
    sum_b = 0;
};
// RFC 1950, section 8.2: the sums of ``count`` times the ``size`` bytes of one pixel.
const auto add_sums = [&](const byte* pixel, int size, uint64 count) {
    uint64 plain = 0, weighted = 0;
    for (int i = 0; i < size; ++i) { plain += pixel[i]; weighted += (uint64)(size - i) * pixel[i]; }
    sum_b += size * (count * sum_a + plain * (count * (count - 1) / 2)) + count * weighted;
    sum_a += count * plain;
    if (sum_a >> 32 || sum_b >> 62) { sum_a %= ADLER; sum_b %= ADLER; }
};
const auto literal = [&](byte value) {
    ++weight[value];
    tokens[token_count++] = value;
};
const auto settle = [&]() {
    if (waiting < 3) for (int i = 0; i < waiting; ++i) literal(waiting_bytes[i]);
    else while (waiting > 0) {
        int length = waiting < LONGEST_MATCH ? (int)waiting : LONGEST_MATCH, more = 0;
        if (waiting - length > 0 && waiting - length < 3) length -= 3;  // leave no rest below a match's least
        uint32 extra;
        ++weight[length_code(length, extra, more)];
        code_bits += more;
        ++far[distance_code(waiting_distance, extra, more)];
        code_bits += more;
        tokens[token_count++] = 1u << 31 | (uint32)length << 16 | (uint32)(waiting_distance - 1);
        waiting -= length;
    }
    waiting = 0;
};
// ``count`` bytes again that stand ``distance`` back; first, second: the next two of them.
const auto repeat = [&](int distance, long long count, byte first, byte second) {
    if (count <= 0) return;
    if (waiting && waiting_distance != distance) settle();
    waiting_distance = distance;
    if (waiting == 0) { waiting_bytes[0] = first; waiting_bytes[1] = second; }
    else if (waiting == 1) waiting_bytes[1] = first;
    waiting += count;
};

byte lengths[LITERALS + DISTANCES];
const int ROOM_BESIDE = 300;  // bytes of what is no symbol, and of what is written ahead
// Ends the tokens. Returns the bytes that there must be room for.
const auto measured = [&]() {
    settle();
    ++weight[256];
    if (!code_bits && !far[0]) far[0] = 1;
    huffman(weight, LITERALS, LONGEST_CODE, lengths);
    huffman(far, DISTANCES, LONGEST_CODE, lengths + LITERALS);
    long long all = code_bits;
    for (int i = 0; i < LITERALS; ++i) all += (long long)weight[i] * lengths[i];
    for (int i = 0; i < DISTANCES; ++i) all += (long long)far[i] * lengths[LITERALS + i];
    return all / 8 + ROOM_BESIDE;
};
// Writes the stream at ``to``, behind which ``to`` stands then.
const auto write_stream = [&]() {
    uint32 codes[LITERALS], far_codes[DISTANCES];
    assign(lengths, LITERALS, codes);
    assign(lengths + LITERALS, DISTANCES, far_codes);
    held = 0;
    bits = 0;
    put(0x0178, 16);  // a window of 32 KB, fastest compression
    put(1 | 2 << 1, 3);
    put(LITERALS - 257, 5);
    put(DISTANCES - 1, 5);
    put(19 - 4, 4);
    flush();
    // Section 3.2.7. The code of code lengths is fixed: four bits up to 12, five above, where runs of zeros stand.
    byte own[19];
    uint32 own_codes[19];
    const byte ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    for (int i = 0; i < 19; ++i) own[i] = i > 12 ? 5 : 4;
    for (int i = 0; i < 19; ++i) { put(own[ORDER[i]], 3); flush(); }
    assign(own, 19, own_codes);
    for (int i = 0; i < LITERALS + DISTANCES;) {
        int zeros = 0;
        while (zeros < 138 && i + zeros < LITERALS + DISTANCES && !lengths[i + zeros]) ++zeros;
        const int symbol = zeros > 10 ? 18 : zeros > 2 ? 17 : lengths[i];
        put(own_codes[symbol] >> 8, own_codes[symbol] & 0xFF);
        if (symbol == 18) put(zeros - 11, 7);
        if (symbol == 17) put(zeros - 3, 3);
        flush();
        i += symbol > 16 ? zeros : 1;
    }
    for (int i = 0; i < token_count; ++i) {
        const uint32 token = tokens[i];
        uint32 extra;
        int more;
        if (token >> 31) {
            uint32 code = codes[length_code((int)(token >> 16 & 0x7FFF), extra, more)];
            put(code >> 8, code & 0xFF);
            put(extra, more);
            code = far_codes[distance_code((int)(token & 0xFFFF) + 1, extra, more)];
            put(code >> 8, code & 0xFF);
            put(extra, more);
        } else {
            put(codes[token] >> 8, codes[token] & 0xFF);
        }
        flush();
    }
    put(codes[256] >> 8, codes[256] & 0xFF);
    bits = (bits + 7) & ~7;
    flush();
    const uint32 adler = __builtin_bswap32((uint32)(sum_b % ADLER << 16 | sum_a % ADLER));
    __builtin_memcpy(to, &adler, 4);
    to += 4;
};
// Ends the stream, behind those before it where there is room. Returns where it ends.
const auto end_stream = [&]() {
    const long long most = measured();
    if (used + most <= out.shape[0]) {
        to = out.data + used;
        write_stream();
        used = to - out.data;
    } else {
        used += most;
    }
    return (int)used;
};
