// Fragment 8 of shade.shade_rows: the pixels, as many samples at a time as there is room for.

const auto flush = [&]() {
    take_loose();
    const int end = lanes = rounded(count);
    if (count > 0) {
        finish_surfaces();
        for (int k = 0; k < light_count; ++k) {
            const auto light = light_of[k];
            if (!(light.color[0] + light.color[1] + light.color[2] > 0.0f)) continue;
            if (light.kind == DOME) light_from_dome(light);
            else light_from_lamp(light);
        }
        EACH_SAMPLE
        for (int i = 0; i < end; ++i) {
            sum_r[i] /= 1.0f + sum_r[i];
            sum_g[i] /= 1.0f + sum_g[i];
            sum_b[i] /= 1.0f + sum_b[i];
        }
    }
};

#if defined(__CUDA_ARCH__)
// A pixel a thread, its surfaces one after the other.
for (int x = x_begin; x < x_end; ++x) {
    const auto* key = image_keys + ((long long)y_begin * width + x) * EACH;
    float red = 0.0f, green = 0.0f, blue = 0.0f;
    for (int left = 15, i = 0; i < EACH; ++i) {
        if (!((left >> i) & 1)) continue;
        float share = 0.25f;
        for (int j = i + 1; j < EACH; ++j)
            if (((left >> j) & 1) && alike(key[i], key[j])) {
                left -= 1 << j;
                share += 0.25f;
            }
        const int triangle = (int)(key[i] & TRIANGLE) - 1;
        count = loose = shared = 0;
        painted = mapped = false;
        if (triangle >= 0) {
            collect(triangle, geometry.triangle_part.data[triangle], y_begin, x, i, 1.0f);
            flush();
        } else {
            const float place_x = x + 0.5f + OFFSET_X[i] - view.centre[0];
            const float place_y = y_begin + 0.5f + OFFSET_Y[i] - view.centre[1];
            look_up_sky(&place_x, &place_y, 1, sum_r, sum_g, sum_b);
            sum_r[0] /= 1.0f + sum_r[0];
            sum_g[0] /= 1.0f + sum_g[0];
            sum_b[0] /= 1.0f + sum_b[0];
        }
        red += share * sum_r[0];
        green += share * sum_g[0];
        blue += share * sum_b[0];
    }
    image_rgb[y_begin * width + x] = coded(red, green, blue);
}
#else
const auto show = [&]() {
    flush();
    const int all = count;
    EACH_SAMPLE
    for (int i = 0; i < all; ++i) image_rgb[pixel[i]] = coded(sum_r[i], sum_g[i], sum_b[i]);
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
        image_rgb[at] = coded(red, green, blue);
    }
    count = loose = shared = 0;
    painted = mapped = false;
};

constexpr int LONG = 8;  // from this length on, a run of whole pixels of one triangle is worth its own set-up
for (int row = y_begin; row < y_end; ++row) {
    const auto* row_keys = image_keys + (long long)row * width * EACH;
    for (int x = x_begin; x < x_end;) {
        if (count + loose + EACH > ROOM) show();
        const auto* key = row_keys + x * EACH;
        if ((((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & TRIANGLE) == 0) {
            const int room = ROOM - count - loose, most = x_end - x < room ? x_end - x : room;
            const int triangle = (int)(key[0] & TRIANGLE) - 1;
            int length = 1;
            for (const auto* next = key + EACH; length < most; next += EACH, ++length) {
                const long long other = (next[0] ^ key[0]) | (next[1] ^ key[0]) | (next[2] ^ key[0]) | (next[3] ^ key[0]);
                if ((other & TRIANGLE) != 0) break;
            }
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
        int hit = -1;
        for (int i = 0; i < EACH && hit < 0; ++i) hit = (int)(key[i] & TRIANGLE) - 1;
        for (int left = 15, i = 0; i < EACH; ++i) {
            if (!((left >> i) & 1)) continue;
            float share = 0.25f;
            for (int j = i + 1; j < EACH; ++j)
                if (((left >> j) & 1) && alike(key[i], key[j])) {
                    left -= 1 << j;
                    share += 0.25f;
                }
            const int triangle = (int)(key[i] & TRIANGLE) - 1;
            if (triangle < 0) collect_sky(hit, geometry.triangle_part.data[hit], row, x, i, share);
            else collect(triangle, geometry.triangle_part.data[triangle], row, x, i, share);
        }
        ++x;
    }
}
show();
#endif
