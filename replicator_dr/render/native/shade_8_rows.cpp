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
            else if (light.kind == DISTANT) light_from_afar(light);
            else light_from_lamp(light);
        }
        ready(sum_r, sum_g, sum_b, end);
    }
};

#if defined(__CUDA_ARCH__)
// A pixel a thread, its surfaces one after the other.
for (int x = x_begin; x < x_end; ++x) {
    const int seen = image_surface[(long long)y_begin * width + x];
    Shown shown;
    if (seen == MIXED) shown = look_at(image_keys + ((long long)y_begin * width + x) * EACH);
    float red = 0.0f, green = 0.0f, blue = 0.0f;
    for (int left = seen == MIXED ? 15 : 1, i = 0; i < EACH; ++i) {
        if (!((left >> i) & 1)) continue;
        float share = seen == MIXED ? 0.25f : 1.0f;
        for (int j = i + 1; j < EACH; ++j)
            if (((left >> j) & 1) && alike(shown, i, j)) {
                left -= 1 << j;
                share += 0.25f;
            }
        const int triangle = seen == MIXED ? shown.triangle[i] : seen;
        count = loose = shared = 0;
        painted = mapped = false;
        if (triangle >= 0) {
            collect(triangle, geometry.triangle_part.data[triangle], y_begin, x, i, 1.0f);
            flush();
        } else {
            const float place_x = x + 0.5f + OFFSET_X[i] - view.centre[0];
            const float place_y = y_begin + 0.5f + OFFSET_Y[i] - view.centre[1];
            look_up_sky(&place_x, &place_y, 1, sum_r, sum_g, sum_b);
            ready(sum_r, sum_g, sum_b, 1);
        }
        red += share * sum_r[0];
        green += share * sum_g[0];
        blue += share * sum_b[0];
    }
    put(red, green, blue, y_begin * width + x);
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
    painted = mapped = false;
};

constexpr int LONG = 8;  // from this length on, a run of whole pixels of one triangle is worth its own set-up
for (int row = y_begin; row < y_end; ++row) {
    const int* surface = image_surface + (long long)row * width;
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
        const Shown shown = look_at(image_keys + ((long long)row * width + x) * EACH);
        const int some_hit = shown.triangle[0] >= 0 ? 0 : (shown.triangle[1] >= 0 ? 1 : (shown.triangle[2] >= 0 ? 2 : 3));
        for (int left = 15, i = 0; i < EACH; ++i) {
            if (!((left >> i) & 1)) continue;
            float share = 0.25f;
            for (int j = i + 1; j < EACH; ++j)
                if (((left >> j) & 1) && alike(shown, i, j)) {
                    left -= 1 << j;
                    share += 0.25f;
                }
            if (shown.triangle[i] >= 0) collect(shown.triangle[i], shown.part[i], row, x, i, share);
            else collect_sky(shown.triangle[some_hit], shown.part[some_hit], row, x, i, share);
        }
        ++x;
    }
}
show();
#endif
