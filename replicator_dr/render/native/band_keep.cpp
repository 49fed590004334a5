// The triangles of one part that can show, and the bands that they reach. The body of bands.keep_triangles.
constexpr int ROOM = 64;
const int bands = table.count, total = table.start.shape[1] - 1;
int* count = table.start.data + (long long)image * table.start.shape[1];
int* kept = table.kept.data + (long long)image * table.kept.shape[1];
int* span = table.span.data + (long long)image * table.span.shape[1];
const int* corner_of = (const int*)triangles.data + (long long)face_shift * 3;
const int* place = (const int*)(grid.data + (long long)image * grid.shape[1] + vertex_shift);
const float* seen = (const float*)(camera.data + (long long)image * camera.shape[1] + vertex_shift);
const int last_column = images.width - 1, last_row = images.bottom - 1;
const float inverse_rows = 1.0f / table.rows;
int lowest[ROOM], highest[ROOM], shown[ROOM];
int held = count[total];

for (int from = begin; from < end; from += ROOM) {
    const int some = end - from < ROOM ? end - from : ROOM;
    if (whole != 0) {
#if !defined(__CUDA_ARCH__)
        _Pragma("clang loop vectorize(assume_safety)")
#endif
        for (int i = 0; i < some; ++i) {
            const int* corner = corner_of + (from + i) * 3;
            const int px = place[corner[0] * 2], py = place[corner[0] * 2 + 1];
            const int qx = place[corner[1] * 2], qy = place[corner[1] * 2 + 1];
            const int sx = place[corner[2] * 2], sy = place[corner[2] * 2 + 1];
            const long long area = (long long)(qx - px) * (sy - py) - (long long)(qy - py) * (sx - px);
            const int left = px < qx ? (px < sx ? px : sx) : (qx < sx ? qx : sx);
            const int right = px > qx ? (px > sx ? px : sx) : (qx > sx ? qx : sx);
            const int upper = py < qy ? (py < sy ? py : sy) : (qy < sy ? qy : sy);
            const int lower = py > qy ? (py > sy ? py : sy) : (qy > sy ? qy : sy);
            // As in band_cover.cpp.
            int x0 = (left - 128 - 104 + 255) >> 8, x1 = (right - 128 + 76) >> 8;
            int y0 = (upper - 128 - 76 + 255) >> 8, y1 = (lower - 128 + 104) >> 8;
            x0 = x0 > 0 ? x0 : 0;
            y0 = y0 > 0 ? y0 : 0;
            x1 = x1 < last_column ? x1 : last_column;
            y1 = y1 < last_row ? y1 : last_row;
            const bool away = (area == 0) | ((facing != 0) & ((area > 0) == (facing > 0)));
            shown[i] = (!away & (x0 <= x1) & (y0 <= y1)) ? 1 : 0;
            lowest[i] = (int)((y0 + 0.5f) * inverse_rows);
            highest[i] = (int)((y1 + 0.5f) * inverse_rows);
        }
    } else {
        // Those that need cutting widen their entity's extent, wherever they are: each in one band at least.
        for (int i = 0; i < some; ++i) {
            const int* corner = corner_of + (from + i) * 3;
            bool behind = false;
            int upper = 1 << 30, lower = -(1 << 30);
            for (int k = 0; k < 3; ++k) {
                behind = behind || !(seen[corner[k] * 3 + 2] >= near);
                const int y = place[corner[k] * 2 + 1];
                upper = y < upper ? y : upper;
                lower = y > lower ? y : lower;
            }
            const auto band_of = [&](int y) {
                const int row = y >> 8;
                return (int)(((row < 0 ? 0 : (row > last_row ? last_row : row)) + 0.5f) * inverse_rows);
            };
            shown[i] = 1;
            lowest[i] = behind ? 0 : band_of(upper - 256);
            highest[i] = behind ? bands - 1 : band_of(lower + 256);
        }
    }
    for (int i = 0; i < some; ++i) {
        if (shown[i] == 0) continue;
        kept[held] = from + i;
        span[held++] = lowest[i] | highest[i] << 16;
        if (highest[i] - lowest[i] > 1) {
            ++count[bands];
        } else {
            ++count[lowest[i]];
            if (highest[i] != lowest[i]) ++count[highest[i]];
        }
    }
}
count[total] = held;
