// Outlines of all objects of one id image. The body of polygons.trace_image; see storage/polygon.py for the rules.
//
// The first pixel of an outer ring, row by row, has a border above: each such border that no ring has passed yet begins
// a ring. Rings around holes are found too, from a pixel below the hole; they turn the other way; they are
// dropped where holes is 0.
const int height = ids.shape[1], width = ids.shape[2], known = rows.shape[1];
const int room = corners.shape[1] / 2, most_rings = rings.shape[1];
const int* from = ids.data + (long long)image * height * width;
const int* object_of = rows.data + (long long)image * known;
const auto object_at = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height) return -1;
    const int id = from[(long long)y * width + x] + 1;
    return id >= 0 && id < known ? object_of[id] : -1;
};

// Sides clockwise from the top: the way along each, where it starts, and the pixel across it.
const int WAY_X[4] = {1, 0, -1, 0}, WAY_Y[4] = {0, 1, 0, -1};
const int START_X[4] = {0, 1, 1, 0}, START_Y[4] = {0, 0, 1, 1};
const int OUT_X[4] = {0, 1, 0, -1}, OUT_Y[4] = {-1, 0, 1, 0};

unsigned char* passed = marks.data;  // one for each pixel's upper border
for (long long i = 0; i < (long long)height * width; ++i) passed[i] = 0;
int* out = corners.data + (long long)image * corners.shape[1];
int* ring = rings.data + (long long)image * most_rings * 2;  // object, end among the corners
int used = 0, found = 0;

const auto trace = [&](int left, int top, int object) {
    int x = left, y = top, side = 0, before = 3, end = used;
    long long area = 0;  // twice: positive clockwise on screen
    do {
        if (side == 0) passed[(long long)y * width + x] = 1;
        const int start_x = x + START_X[side], start_y = y + START_Y[side];
        if (side != before) {
            if (end < room) { out[2 * end] = start_x; out[2 * end + 1] = start_y; }
            ++end;
        }
        area += (long long)start_x * WAY_Y[side] - (long long)start_y * WAY_X[side];
        before = side;
        const int ahead_x = x + WAY_X[side], ahead_y = y + WAY_Y[side];
        if (object_at(ahead_x, ahead_y) != object) {
            side = (side + 1) & 3;  // right, along the same pixel
        } else if (object_at(ahead_x + OUT_X[side], ahead_y + OUT_Y[side]) != object) {
            x = ahead_x;  // straight on
            y = ahead_y;
        } else {
            x = ahead_x + OUT_X[side];  // left, along the pixel diagonally ahead
            y = ahead_y + OUT_Y[side];
            side = (side + 3) & 3;
        }
    } while (x != left || y != top || side != 0);
    if (area <= 0 && !holes) return;
    if (found < most_rings) { ring[2 * found] = object; ring[2 * found + 1] = end; }
    ++found;
    used = end;
};

for (int y = 0; y < height; ++y) {
    const int* row = from + (long long)y * width;
    for (int x = 0; x < width; x += 16) {
        const int end = x + 16 < width ? x + 16 : width;
        if (y > 0 && end - x == 16) {
            int differs = 0;
            for (int k = 0; k < 16; ++k) differs |= row[x + k] ^ row[x + k - width];
            if (!differs) continue;
        }
        for (int i = x; i < end; ++i) {
            if ((y > 0 && row[i] == row[i - width]) || passed[(long long)y * width + i]) continue;
            const int object = object_at(i, y);
            if (object >= 0 && object_at(i, y - 1) != object) trace(i, y, object);
        }
    }
}
needed.data[2 * image] = used;
needed.data[2 * image + 1] = found;
