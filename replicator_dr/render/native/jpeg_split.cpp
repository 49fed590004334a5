// jpeg.split_row: chroma columns first to last - 1 of row i of the half-sized planes, and the pixels of ``luma`` that
// these cover. Borders are continued as libjpeg continues them: columns before they are halved, rows after that.
//
// A run at a time goes through small arrays, which a CPU does with vector instructions; on CUDA a thread has a column.
#if defined(__CUDA_ARCH__)
constexpr int LANES = 1;
#else
constexpr int LANES = 32;
#endif
constexpr int HALF = 1 << 15, MIDDLE = 128 << 16;  // 16 bits after the point (JFIF 1.02)
const int height = rgb.shape[1], width = rgb.shape[2];
const unsigned char* const pixels = rgb.data + (long long)image * height * width * 4;
const int rows = luma.shape[1], columns = luma.shape[2];
unsigned char* const grey = luma.data + (long long)listed * rows * columns;
const long long own = ((long long)listed * blue.shape[1] + i) * blue.shape[2];
const int lowest = (height + 1) / 2 - 1, row = i < lowest ? i : lowest;

for (int begin = first; begin < last; begin += LANES) {
    const int count = last - begin < LANES ? last - begin : LANES, wide = 2 * count;
    int r[2 * LANES], g[2 * LANES], b[2 * LANES], to_blue[LANES], to_red[LANES];
    const auto load = [&](int y) {
        const unsigned char* const line = pixels + (long long)(y < height ? y : height - 1) * width * 4;
        if (2 * begin + wide <= width) {
            const unsigned char* const start = line + 8 * begin;
            for (int k = 0; k < wide; ++k) {
                r[k] = start[4 * k];
                g[k] = start[4 * k + 1];
                b[k] = start[4 * k + 2];
            }
            return;
        }
        for (int k = 0; k < wide; ++k) {
            const unsigned char* const pixel = line + 4 * (2 * begin + k < width ? 2 * begin + k : width - 1);
            r[k] = pixel[0];
            g[k] = pixel[1];
            b[k] = pixel[2];
        }
    };
    for (int k = 0; k < count; ++k) to_blue[k] = to_red[k] = 1 + ((begin + k) & 1);  // rounds down and up in turn
    for (int down = 0; down < 2; ++down) {
        load(2 * row + down);
        int difference_b[2 * LANES], difference_r[2 * LANES];
        for (int k = 0; k < wide; ++k) {
            difference_b[k] = (32768 * b[k] - 11059 * r[k] - 21709 * g[k] + MIDDLE + HALF - 1) >> 16;
            difference_r[k] = (32768 * r[k] - 27439 * g[k] - 5329 * b[k] + MIDDLE + HALF - 1) >> 16;
        }
        for (int k = 0; k < count; ++k) {
            to_blue[k] += difference_b[2 * k] + difference_b[2 * k + 1];
            to_red[k] += difference_r[2 * k] + difference_r[2 * k + 1];
        }
        const int y = 2 * i + down;
        if (y >= rows) continue;
        if (row < i) load(y);
        const int shown = columns - 2 * begin < wide ? columns - 2 * begin : wide;
        unsigned char* const line = grey + (long long)y * columns + 2 * begin;
        for (int k = 0; k < shown; ++k)
            line[k] = (unsigned char)((19595 * r[k] + 38470 * g[k] + 7471 * b[k] + HALF) >> 16);
    }
    for (int k = 0; k < count; ++k) {
        blue.data[own + begin + k] = (unsigned char)(to_blue[k] >> 2);
        red.data[own + begin + k] = (unsigned char)(to_red[k] >> 2);
    }
}
