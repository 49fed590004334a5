// Ambient occlusion for one run of a row of the half-size image. The body of occlusion.occlude_run.
//
// Passes over small arrays, one element a value, so that a CPU turns them into vector instructions.
#if defined(__CUDA_ARCH__)
constexpr int ROOM = 1;
#else
constexpr int ROOM = 64;
#endif
constexpr int TAPS = 6;
constexpr float REACH = 0.16f;     // radius of the disc, as a share of the distance
constexpr float STRENGTH = 1.9f;   // what a fully hidden disc takes away, before clamping
constexpr float BIAS = 0.002f;     // rise below this share of the distance does not count
constexpr float FAR_AWAY = 1e8f;

const auto view = views.data[frame];
const int width = depth.shape[2], height = depth.shape[1];
const float* image_depth = depth.data + (long long)frame * width * height;
float* target = result.data + ((long long)image * result.shape[1] + row) * result.shape[2];
const float ix = 1.0f / view.focal[0], iy = 1.0f / view.focal[1], cx = view.centre[0], cy = view.centre[1];
const int y = 2 * row < height ? 2 * row : height - 1;
const int above = y > 0 ? y - 1 : 0, below = y + 1 < height ? y + 1 : height - 1;
struct Ray {
    float x, y, z;
};
// The ray of a pixel's centre, and how many pixels span the angle 1 there.
const auto straight = [&](int column, int line) {
    return Ray{(column + 0.5f - cx) * ix, (line + 0.5f - cy) * iy, 1.0f};
};
const auto straight_scale = [&](int column) {  // as a lens has it: the root of how an area grows off the axis
    const float right = (column + 0.5f - cx) * ix, down = (y + 0.5f - cy) * iy, grown = 1.0f + right * right + down * down;
    return wp::sqrt(view.focal[0] * view.focal[1] * grown * wp::sqrt(grown));
};
const long long lens_row = rays.on ? rays.row.data[image] : 0;
const float *ray_x = rays.x.data + lens_row * rays.x.shape[1], *ray_y = rays.y.data + lens_row * rays.y.shape[1];
const float *ray_z = rays.z.data + lens_row * rays.z.shape[1], *pitch = rays.pitch.data + lens_row * rays.pitch.shape[1];
const auto through_lens = [&](int column, int line) {
    const int at = (line * width + column) * 4;
    return Ray{ray_x[at], ray_y[at], ray_z[at]};
};
const auto lens_scale = [&](int column) { return wp::exp(pitch[y * width + column] * -0.69314718f); };

float px[ROOM], py[ROOM], pz[ROOM], nx[ROOM], ny[ROOM], nz[ROOM], tx[ROOM], ty[ROOM], hidden[ROOM], away[ROOM], size[ROOM];

// depth counts along what ``ray_at`` gives.
const auto work = [&](const auto& ray_at, const auto& scale_at) {
    for (int start = begin; start < end; start += ROOM) {
        const int count = end - start < ROOM ? end - start : ROOM;
        for (int i = 0; i < count; ++i) {
            const int column = start + i, x = 2 * column < width ? 2 * column : width - 1;
            const int left = x > 0 ? x - 1 : 0, right = x + 1 < width ? x + 1 : width - 1;
            const float z = image_depth[y * width + x];
            const float z_left = image_depth[y * width + left], z_right = image_depth[y * width + right];
            const float z_above = image_depth[above * width + x], z_below = image_depth[below * width + x];
            const Ray ray = ray_at(x, y);
            // The smaller of the steps to the two neighbours does not cross an edge; at a border there is only one.
            // Steps count along the axis, through a lens too.
            const float here = ray.z * z;
            const float gap_left = here - ray_at(left, y).z * z_left, gap_right = ray_at(right, y).z * z_right - here;
            const float gap_above = here - ray_at(x, above).z * z_above, gap_below = ray_at(x, below).z * z_below - here;
            const bool use_left = right == x || (left < x && gap_left * gap_left < gap_right * gap_right);
            const bool use_above = below == y || (above < y && gap_above * gap_above < gap_below * gap_below);
            const Ray ray_a = ray_at(use_left ? left : right, y), ray_b = ray_at(x, use_above ? above : below);
            const float z_a = use_left ? z_left : z_right, turn_a = use_left ? 1.0f : -1.0f;
            const float z_b = use_above ? z_above : z_below, turn_b = use_above ? 1.0f : -1.0f;
            px[i] = ray.x * z;
            py[i] = ray.y * z;
            pz[i] = ray.z * z;
            const float ax = (px[i] - ray_a.x * z_a) * turn_a, ay = (py[i] - ray_a.y * z_a) * turn_a;
            const float az = (pz[i] - ray_a.z * z_a) * turn_a;
            const float bx = (px[i] - ray_b.x * z_b) * turn_b, by = (py[i] - ray_b.y * z_b) * turn_b;
            const float bz = (pz[i] - ray_b.z * z_b) * turn_b;
            const float mx = by * az - bz * ay, my = bz * ax - bx * az, mz = bx * ay - by * ax;
            const float scale = 1.0f / wp::sqrt(mx * mx + my * my + mz * mz + 1e-30f);
            away[i] = wp::sqrt(px[i] * px[i] + py[i] * py[i] + pz[i] * pz[i]);
            size[i] = scale_at(x);
            nx[i] = mx * scale;
            ny[i] = my * scale;
            nz[i] = mz * scale;
            hidden[i] = 0.0f;
            float v = 0.06711056f * column + 0.00583715f * row;  // interleaved gradient noise (Jimenez 2014)
            v = 52.9829189f * (v - (int)v);
            v = (v - (int)v) * 2.0f - 1.0f;
            // A direction from -pi to pi: sine and cosine by their parabolas, which is even enough for a turn of taps.
            const float w = v > 0.5f ? v - 1.5f : v + 0.5f;
            tx[i] = 4.0f * w * (1.0f - (w < 0 ? -w : w));
            ty[i] = 4.0f * v * (1.0f - (v < 0 ? -v : v));
        }
        for (int t = 0; t < TAPS; ++t) {
            const float step = (t + 0.5f) / TAPS, share = REACH * step * step;  // closer together near the middle
            for (int i = 0; i < count; ++i) {
                const int column = start + i, x = 2 * column < width ? 2 * column : width - 1;
                const float radius = share * size[i];
                const int across = (int)(tx[i] * radius), down = (int)(ty[i] * radius);
                // Beyond a border nothing is known: the place opposite stands in.
                const bool outside = (unsigned)(x + across) >= (unsigned)width || (unsigned)(y + down) >= (unsigned)height;
                int sx = outside ? x - across : x + across, sy = outside ? y - down : y + down;
                sx = sx < 0 ? 0 : (sx >= width ? width - 1 : sx);
                sy = sy < 0 ? 0 : (sy >= height ? height - 1 : sy);
                const float old = tx[i];
                tx[i] = old * -0.73736888f - ty[i] * 0.67549029f;  // the golden angle (Vogel 1979)
                ty[i] = old * 0.67549029f - ty[i] * 0.73736888f;
                const float z = image_depth[sy * width + sx];
                const Ray other = ray_at(sx, sy);
                const float dx = other.x * z - px[i], dy = other.y * z - py[i], dz = other.z * z - pz[i];
                const float square = dx * dx + dy * dy + dz * dz, reach = REACH * away[i];
                const float near = square / (reach * reach), fade = 1.0f - near * near;
                const float rise = dx * nx[i] + dy * ny[i] + dz * nz[i] - BIAS * away[i];
                const float gain = fade * rise / wp::sqrt(square + 1e-8f);
                hidden[i] += fade > 0.0f && rise > 0.0f && z < FAR_AWAY ? gain : 0.0f;
            }
        }
        for (int i = 0; i < count; ++i) {
            const float open = 1.0f - STRENGTH / TAPS * hidden[i];
            target[start + i] = away[i] < FAR_AWAY ? (open > 0.05f ? open : 0.05f) : 1.0f;
        }
    }
};
if (rays.on) work(through_lens, lens_scale);
else work(straight, straight_scale);
