// COCO's compressed run lengths, as pycocotools' maskApi.c has them: five bits a character, least significant first, the
// last group's highest bit the sign; from the fourth number on, less the one two before.
const auto each_run = [](const unsigned char* c, const unsigned char* end, const auto& run) {
    long long before[2] = {0, 0};
    for (int number = 0; c < end; ++number) {
        long long length = 0;
        int shift = 0, group;
        do {
            group = *c++ - 48;
            length |= (long long)(group & 31) << shift;
            shift += 5;
        } while (group & 32 && c < end);
        if (group & 16) length |= -1LL << shift;
        if (number > 2) length += before[number & 1];
        before[number & 1] = length;
        run(number, length);
    }
};
