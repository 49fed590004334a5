// Some triangles of one part that needs no cutting into a band. The body of bands.cover_list, after keep_nearest.cpp,
// and coverage.cover_rows as ``cover_large``.
//
// Triangles are set up side by side; then each one's blocks of four pixels of a row, whose sixteen samples are one
// vector.
constexpr int ROOM = 64;
constexpr int SMALL = 32;  // pixels of a side: edges then fit 32 bits
constexpr Ints BLOCK_X = {0, 104, -76, -28, 256, 360, 180, 228, 512, 616, 436, 484, 768, 872, 692, 740};
constexpr Ints BLOCK_Y = {0, 28, 76, -104, 0, 28, 76, -104, 0, 28, 76, -104, 0, 28, 76, -104};
constexpr Ints BLOCK_COLUMN = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
constexpr float TX[4] = {0.0f, 104.0f / 256.0f, -76.0f / 256.0f, -28.0f / 256.0f};
constexpr float TY[4] = {0.0f, 28.0f / 256.0f, 76.0f / 256.0f, -104.0f / 256.0f};

const int* listed = table.order.data + (long long)image * table.order.shape[1];
const float* down_of = table.down.data + (long long)image * table.down.shape[1];
const int* corner_of = (const int*)triangles.data + (long long)face_shift * 3;
const int* place = (const int*)(grid.data + (long long)image * grid.shape[1] + vertex_shift);
const float* seen = (const float*)(camera.data + (long long)image * camera.shape[1] + vertex_shift);
float* nearest = images.inverse.data + (long long)image * images.inverse.shape[1];
int* shown = images.triangle.data + (long long)image * images.triangle.shape[1];
const int width = images.width, top = images.top, last_column = width - 1;
const int last_row = images.bottom - 1;
const float focal_x = view.focal[0], focal_y = view.focal[1], centre_x = view.centre[0], view_near = view.near;

// Corners on the grid, turned so that the inside lies where the edges p-q, q-s, s-p are positive.
int px[ROOM], py[ROOM], qx[ROOM], qy[ROOM], sx[ROOM], sy[ROOM];
int first_x[ROOM], last_x[ROOM], first_y[ROOM], last_y[ROOM], small[ROOM];
// Values of the edges at the centre of the first pixel, less one where the tie rule gives the edge away.
int edge_p[ROOM], edge_q[ROOM], edge_s[ROOM];
// 1/z: as a plane, its change a pixel, its bounds.
float plane_x[ROOM], plane_y[ROOM], plane_z[ROOM], step_x[ROOM], step_y[ROOM], across[ROOM], low[ROOM], high[ROOM];

for (int from = begin; from < end; from += ROOM) {
    const int some = end - from < ROOM ? end - from : ROOM;
    _Pragma("clang loop vectorize(assume_safety)")
    for (int n = 0; n < some; ++n) {
        const int* corner = corner_of + (long long)listed[from + n] * 3;
        const int i = corner[0], j = corner[1], k = corner[2];
        const int ax = place[i * 2], ay = place[i * 2 + 1], bx = place[j * 2], by = place[j * 2 + 1];
        const int cx = place[k * 2], cy = place[k * 2 + 1];
        const long long area = (long long)(bx - ax) * (cy - ay) - (long long)(by - ay) * (cx - ax);
        const int left = ax < bx ? (ax < cx ? ax : cx) : (bx < cx ? bx : cx);
        const int right = ax > bx ? (ax > cx ? ax : cx) : (bx > cx ? bx : cx);
        const int upper = ay < by ? (ay < cy ? ay : cy) : (by < cy ? by : cy);
        const int lower = ay > by ? (ay > cy ? ay : cy) : (by > cy ? by : cy);
        int x0 = (left - 128 - 104 + 255) >> 8, x1 = (right - 128 + 76) >> 8;
        int y0 = (upper - 128 - 76 + 255) >> 8, y1 = (lower - 128 + 104) >> 8;
        x0 = x0 > 0 ? x0 : 0;
        y0 = y0 > top ? y0 : top;
        x1 = x1 < last_column ? x1 : last_column;
        y1 = y1 < last_row ? y1 : last_row;
        const bool turned = area < 0;
        px[n] = ax;
        py[n] = ay;
        qx[n] = turned ? cx : bx;
        qy[n] = turned ? cy : by;
        sx[n] = turned ? bx : cx;
        sy[n] = turned ? by : cy;
        small[n] = (right - left < SMALL * 256) & (lower - upper < SMALL * 256);
        const float Ax = seen[i * 3], Ay = seen[i * 3 + 1], Az = seen[i * 3 + 2];
        const float Bx = seen[j * 3], By = seen[j * 3 + 1], Bz = seen[j * 3 + 2];
        const float Cx = seen[k * 3], Cy = seen[k * 3 + 1], Cz = seen[k * 3 + 2];
        const float ux = Bx - Ax, uy = By - Ay, uz = Bz - Az, vx = Cx - Ax, vy = Cy - Ay, vz = Cz - Az;
        const float mx = uy * vz - uz * vy, my = uz * vx - ux * vz, mz = ux * vy - uy * vx;
        const float offset = mx * Ax + my * Ay + mz * Az;
        plane_x[n] = mx / offset;
        plane_y[n] = my / offset;
        plane_z[n] = mz / offset;
        step_x[n] = plane_x[n] / focal_x;
        step_y[n] = plane_y[n] / focal_y;
        across[n] = (x0 + 0.5f - centre_x) / focal_x;
        const float far = Az > Bz ? (Az > Cz ? Az : Cz) : (Bz > Cz ? Bz : Cz);
        const float near = Az < Bz ? (Az < Cz ? Az : Cz) : (Bz < Cz ? Bz : Cz);
        low[n] = 1.0f / far;
        high[n] = 1.0f / (near > view_near ? near : view_near);
        first_x[n] = x0;
        last_x[n] = x1;
        first_y[n] = y0;
        last_y[n] = offset == 0.0f ? y0 - 1 : y1;
    }
    _Pragma("clang loop vectorize(assume_safety)")
    for (int n = 0; n < some; ++n) {
        const int right = first_x[n] * 256 + 128, down = first_y[n] * 256 + 128;
        const auto edge = [&](int x, int y, int to_x, int to_y) {
            const int a = y - to_y, b = to_x - x;
            const bool owner = (a > 0) | ((a == 0) & (b > 0));
            return (int)((unsigned)a * (unsigned)(right - x) + (unsigned)b * (unsigned)(down - y)) - (owner ? 0 : 1);
        };
        edge_p[n] = edge(px[n], py[n], qx[n], qy[n]);
        edge_q[n] = edge(qx[n], qy[n], sx[n], sy[n]);
        edge_s[n] = edge(sx[n], sy[n], px[n], py[n]);
    }
    for (int n = 0; n < some; ++n) {
        const int x0 = first_x[n], x1 = last_x[n], y0 = first_y[n], y1 = last_y[n], mark = listed[from + n] + 1;
        if (!small[n]) {
            if (x0 <= x1 && y0 <= y1)
                cover_large(x0, x1, y0, y1, wp::vec2i(px[n], py[n]), wp::vec2i(qx[n], qy[n]), wp::vec2i(sx[n], sy[n]),
                            wp::vec3(plane_x[n], plane_y[n], plane_z[n]), low[n], high[n], mark);
            continue;
        }
        const int a0 = py[n] - qy[n], b0 = qx[n] - px[n], a1 = qy[n] - sy[n], b1 = sx[n] - qx[n];
        const int a2 = sy[n] - py[n], b2 = px[n] - sx[n];
        Ints e0 = a0 * BLOCK_X + b0 * BLOCK_Y + edge_p[n], e1 = a1 * BLOCK_X + b1 * BLOCK_Y + edge_q[n];
        Ints e2 = a2 * BLOCK_X + b2 * BLOCK_Y + edge_s[n];
        const float gx = step_x[n], gy = step_y[n], least = low[n], most = high[n];
        const float t1 = gx * TX[1] + gy * TY[1], t2 = gx * TX[2] + gy * TY[2], t3 = gx * TX[3] + gy * TY[3];
        const float t0 = gx * TX[0] + gy * TY[0];
        const Floats shifts = {t0, t1, t2, t3, t0, t1, t2, t3, t0, t1, t2, t3, t0, t1, t2, t3};
        for (int y = y0; y <= y1; ++y, e0 += b0 * 256, e1 += b1 * 256, e2 += b2 * 256) {
            const float inverse = plane_x[n] * across[n] + plane_y[n] * down_of[y] + plane_z[n];
            const long long row = (long long)(y - top) * width;
            Ints f0 = e0, f1 = e1, f2 = e2;
            for (int x = x0; x <= x1; x += 4, f0 += a0 * 1024, f1 += a1 * 1024, f2 += a2 * 1024) {
                // What lies beyond the last column would be the next row.
                const Ints inside = ((f0 | f1 | f2) >= 0) & (BLOCK_COLUMN <= x1 - x);
                const unsigned hit = __builtin_bit_cast(unsigned short, __builtin_convertvector(inside, Bits));
                if (hit == 0) continue;
                const long long at = row + x;
                if (!images.silhouettes) {
                    const Floats iz = (inverse + gx * (PIXEL_OF + (float)(x - x0))) + shifts;
                    keep_nearest(nearest + at * 4, shown + at * 4, inside, iz, least, most, mark);
                }
                cover_centres(at, hit);
            }
        }
    }
}
