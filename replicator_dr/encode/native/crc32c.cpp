// The CRC-32C of a message, eight bytes at a time (Kounavis and Berry, "Novel table lookup-based algorithms for
// high-performance CRC generation", 2008). The body of crc32c.sum_bytes.
typedef unsigned int uint32;
typedef unsigned long long uint64;
const unsigned char* at = message.data;
const unsigned char* const end = at + message.shape[0];
const uint32* const table = tables.data;  // 8 times 256: what a byte adds, that many zero bytes later
uint32 state = 0xFFFFFFFFu;
for (; end - at >= 8; at += 8) {
    uint64 next;
    __builtin_memcpy(&next, at, 8);
    next ^= state;
    state = 0;
    for (int k = 0; k < 8; ++k) state ^= table[256 * (7 - k) + (next >> 8 * k & 255)];
}
for (; at < end; ++at) state = table[(state ^ *at) & 255] ^ state >> 8;
sum.data[0] = ~state;
