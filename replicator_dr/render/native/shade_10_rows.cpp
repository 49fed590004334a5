// Fragment 10 of shade.shade_rows: the pixels, as many samples at a time as there is room for.

const auto flush = [&]() {
    take_loose();
    const int end = lanes = rounded(count);
    if (count > 0) {
        const bool mirrors = standing && metallic;
        const bool grounded = ROOM == 1 || mirrors;  // a single sample is no reason to have the dome's code twice
        finish_surfaces();
        if (mirrors) mirror_ground();
        for (int k = 0; k < light_count; ++k) {
            RECORD light = light_of[k];
            if (!(light.color[0] + light.color[1] + light.color[2] > 0.0f)) continue;
            if (light.kind == DISTANT) light_from_afar(light);
            else if (!PLAIN && light.kind != DOME) light_from_lamp(light);
            else if (grounded) light_from_dome(light, Grounded{});
            else light_from_dome(light, Free{});
        }
        ready(sum_r, sum_g, sum_b, end);
    }
};

#if defined(__CUDA_ARCH__)
// A surface a thread: that of a whole pixel, or one of those in a listed pixel, whose light then waits in the place of
// its key (shade.blend_mixed, film.blend_films).
const int pixel_at = y_begin * width + x_begin, place = listed < 0 ? 0 : (listed >> 2) & 3;
wp::int64* own_key = image_keys + (long long)pixel_at * EACH + place;
const int triangle = listed < 0 ? image_surface[pixel_at] : (int)(*own_key & TRIANGLE) - 1;
if (triangle == MIXED) return;
if (triangle >= 0) {
    collect(triangle, geometry.triangle_part.data[triangle], y_begin, x_begin, place, 1.0f);
    flush();
} else {
    look_up_sample(y_begin, x_begin, place, sum_r, sum_g, sum_b);
    ready(sum_r, sum_g, sum_b, 1);
}
if (listed < 0) {
    put(sum_r[0], sum_g[0], sum_b[0], pixel_at);
} else {
    *own_key = waiting(sum_r[0], sum_g[0], sum_b[0], 0.25f * ((listed & 3) + 1));
}
#else
const auto show = [&]() {
    flush();
    put_all(sum_r, sum_g, sum_b, count, pixel);
    // Pixels with several surfaces: these lie side by side.
    const int first = count - loose;
    for (int i = 0; i < shared;) {
        const int at = pixel[first + some_at[i]];
        float red = 0.0f, green = 0.0f, blue = 0.0f;
        for (; i < shared && pixel[first + some_at[i]] == at; ++i) {
            const int n = first + some_at[i];
            red += some_share[some_at[i]] * sum_r[n];
            green += some_share[some_at[i]] * sum_g[n];
            blue += some_share[some_at[i]] * sum_b[n];
        }
        put(red, green, blue, at);
    }
    count = loose = shared = 0;
    painted = mapped = standing = metallic = false;
};

// Pixels with several triangles, looked at side by side: of each sample its triangle, its part, 1/z, how the triangle is
// turned, and how many samples show its surface (0: it is that of an earlier sample).
constexpr int BUSY = 64;
int busy_x[BUSY], busy_triangle[EACH][BUSY], busy_part[EACH][BUSY], busy_share[EACH][BUSY];
float busy_inverse[EACH][BUSY], busy_turn_x[EACH][BUSY], busy_turn_y[EACH][BUSY], busy_turn_z[EACH][BUSY];
int busy = 0, next_busy = 0;
const auto look_ahead = [&](int row, int x) {
    const int* surface = image_surface + (long long)row * width;
    const int *part_of = geometry.triangle_part.data, *shift_of = geometry.face_shift.data;
    const int* facing_of = geometry.facing.data;
    // First where they are: without a branch, so that their keys can be waited for side by side.
    int some = 0;
    for (; x < x_end && some < BUSY; ++x) {
        busy_x[some] = x;
        some += surface[x] == MIXED ? 1 : 0;
    }
    const wp::int64* row_keys = image_keys + (long long)row * width * EACH;
    for (int n = 0; n < some; ++n) {
        const wp::int64* key = row_keys + (long long)busy_x[n] * EACH;
        for (int i = 0; i < EACH; ++i) {
            union { int bits; float number; } inverse;
            inverse.bits = (int)(key[i] >> 32);
            busy_triangle[i][n] = (int)(key[i] & TRIANGLE) - 1;
            busy_inverse[i][n] = inverse.number;
        }
    }
    busy = some;
    next_busy = 0;
    for (int i = 0; i < EACH; ++i) {
        const int* triangle_at = busy_triangle[i];
        int* part_at = busy_part[i];
        float *turn_x = busy_turn_x[i], *turn_y = busy_turn_y[i], *turn_z = busy_turn_z[i];
        EACH_SAMPLE
        for (int n = 0; n < some; ++n) {
            const bool hit = triangle_at[n] >= 0;
            const int triangle = hit ? triangle_at[n] : 0, part = part_of[triangle];
            const int packed = facing_of[triangle + shift_of[part]];
            part_at[n] = hit ? part : -1;
            turn_x[n] = (float)((packed & 1023) - 512);
            turn_y[n] = (float)(((packed >> 10) & 1023) - 512);
            turn_z[n] = (float)((packed >> 20) - 512);
        }
    }
    EACH_SAMPLE
    for (int n = 0; n < some; ++n) {
        // Two samples show one surface if they are on one triangle, or on triangles of one part whose depths differ by
        // less than 1 % and whose normals by less than 25 degrees. As in finish_tile.cpp.
        const auto same = [&](int i, int j) {
            const float step = positive(busy_inverse[i][n] - busy_inverse[j][n]);
            const float cosine = busy_turn_x[i][n] * busy_turn_x[j][n] + busy_turn_y[i][n] * busy_turn_y[j][n]
                + busy_turn_z[i][n] * busy_turn_z[j][n];
            return (int)((busy_triangle[i][n] == busy_triangle[j][n])
                         | ((busy_part[i][n] == busy_part[j][n]) & (step * 100.0f <= busy_inverse[i][n])
                            & (cosine > 0.9f * 511.0f * 511.0f)));
        };
        const int a = same(0, 1), b = same(0, 2), c = same(0, 3), d = same(1, 2) & ~a, e = same(1, 3) & ~a;
        const int f = same(2, 3) & ~(b | d);
        busy_share[0][n] = 1 + a + b + c;
        busy_share[1][n] = (1 + (d & ~b) + (e & ~c)) & (a - 1);
        busy_share[2][n] = (1 + (f & ~(c | e))) & ((b | d) - 1);
        busy_share[3][n] = 1 & ((c | e | f) - 1);
    }
};

constexpr int LONG = 8;  // from this length on, a run of whole pixels of one triangle is worth its own set-up
for (int row = y_begin; row < y_end; ++row) {
    const int* surface = image_surface + (long long)row * width;
    busy = next_busy = 0;
    for (int x = x_begin; x < x_end;) {
        if (count + loose + EACH > ROOM) show();
        const int triangle = surface[x];
        if (triangle != MIXED) {
            const int room = ROOM - count - loose, most = x_end - x < room ? x_end - x : room;
            int length = 1;
            while (length < most && surface[x + length] == triangle) ++length;
            if (triangle < 0) {
                show_sky(row, x, length);
            } else if (length >= LONG) {
                take_run(triangle, row, x, length);
            } else {
                const int part = geometry.triangle_part.data[triangle];
                for (int i = 0; i < length; ++i) collect(triangle, part, row, x + i, 0, 1.0f);
            }
            x += length;
            continue;
        }
        // Several triangles: each surface once, at its first sample, by its share of the samples.
        if (next_busy == busy) look_ahead(row, x);
        const int n = next_busy++;
        for (int i = 0; i < EACH; ++i) {
            const float share = 0.25f * busy_share[i][n];
            if (share == 0.0f) continue;
            if (busy_triangle[i][n] >= 0) {
                collect(busy_triangle[i][n], busy_part[i][n], row, x, i, share);
                continue;
            }
            int hit = 0;
            while (busy_triangle[hit][n] < 0) ++hit;
            collect_sky(busy_triangle[hit][n], busy_part[hit][n], row, x, hit, i, share);
        }
        ++x;
    }
}
show();
#endif
