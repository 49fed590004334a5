// One row of a depth image as 16-bit numbers, and as a scan line of PNG's filter Sub. The body of depth_png.depth_line.
const int width = depth.shape[2];
const float* from = depth.data + ((long long)image * depth.shape[1] + y) * width;
unsigned char* line = lines.data + ((long long)image * depth.shape[1] + y) * (1 + 2 * width);
// Adding and taking away 1.5 * 2^23 rounds a smaller number to the nearest integer, halves to even ones.
const float ROUND = 12582912.0f, HIGHEST = 65535.5f;
int missed = 0, beyond = 0;
unsigned int before = 0;
line[0] = 1;
for (int x = 0; x < width; ++x) {
    const float metres = from[x], exact = metres * steps;
    const bool finite = __builtin_fabsf(metres) <= 3.402823466e38f, valid = exact >= -0.5f && exact < HIGHEST;
    const unsigned int step = valid ? (unsigned int)(int)((exact + ROUND) - ROUND) : 0;
    missed += !finite;
    beyond += finite && !valid;
    line[1 + 2 * x] = (unsigned char)((step >> 8) - (before >> 8));
    line[2 + 2 * x] = (unsigned char)(step - before);
    before = step;
}
counts.data[2 * image] += missed;
counts.data[2 * image + 1] += beyond;
