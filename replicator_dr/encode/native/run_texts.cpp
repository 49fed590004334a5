// Run lengths as JSON lists of numbers, one behind the other. The body of run_texts.write_runs, behind each_run.cpp.
const int LONGEST = 20;  // characters of a number and what stands before it
const int masks = text_end.shape[0];
long long used = 0;
for (int mask = 0; mask < masks; ++mask) {
    const unsigned char* character = text.data + (mask ? text_end.data[mask - 1] : 0);
    const unsigned char* end = text.data + text_end.data[mask];
    long long most = 2;
    for (const unsigned char* c = character; c < end; ++c) most += *c - 48 & 32 ? 0 : LONGEST;
    if (used + most > out.shape[0]) { used += most; stream_end.data[mask] = (int)used; continue; }
    unsigned char* to = out.data + used;
    *to++ = '[';
    each_run(character, end, [&](int number, long long length) {
        if (number) *to++ = ',';
        unsigned char digits[LONGEST];
        int count = 0;
        do { digits[count++] = (unsigned char)('0' + length % 10); } while (length /= 10);
        while (count) *to++ = digits[--count];
    });
    *to++ = ']';
    used = to - out.data;
    stream_end.data[mask] = (int)used;
}
needed.data[0] = (int)used;
