// Fragment 3 of shade.shade_rows: what the domes show where no surface is.

// Radiance along rays through image places (relative to the optical centre, pixels), into red, green and blue.
const auto look_up_sky = [&](const float* place_x, const float* place_y, int rays, float* red, float* green, float* blue) {
    for (int i = 0; i < rays; ++i) red[i] = green[i] = blue[i] = 0.0f;
    for (int k = 0; k < light_count; ++k) {
        const auto light = light_of[k];
        if (light.kind != DOME) continue;
        if (light.environment < 0) {
            for (int i = 0; i < rays; ++i) {
                red[i] += light.color[0];
                green[i] += light.color[1];
                blue[i] += light.color[2];
            }
            continue;
        }
        const auto info = surroundings.panorama_info.data[light.environment];
        const int columns = info[1], rows = info[2];
        const float* texel = (const float*)(surroundings.panorama.data + info[0]);
        EACH_SAMPLE
        for (int i = 0; i < rays; ++i) {
            const V ray{place_x[i] * inverse_fx, place_y[i] * inverse_fy, 1.0f};
            const V d = turn(light.from_world, turn(view.rotation, ray));
            const float px = (0.5f - atan2_of(d.x, d.z) * 0.15915494f) * columns - 0.5f;
            const float rise = atan2_of(d.y, wp::sqrt(d.x * d.x + d.z * d.z));
            const float py = clamped((0.5f - rise * INVERSE_PI) * rows - 0.5f, 0.0f, rows - 1.001f);
            int x0 = px < 0.0f ? -1 : (int)px;
            const int y0 = (int)py, y1 = y0 + 1 < rows ? y0 + 1 : y0;
            const float rx = px - x0, ry = py - y0;
            const int x1 = x0 + 1 >= columns ? 0 : x0 + 1;
            x0 = x0 < 0 ? columns - 1 : x0;
            const int a = (y0 * columns + x0) * 3, b = (y0 * columns + x1) * 3;
            const int c = (y1 * columns + x0) * 3, e = (y1 * columns + x1) * 3;
            const float wa = (1.0f - rx) * (1.0f - ry), wb = rx * (1.0f - ry), wc = (1.0f - rx) * ry, wd = rx * ry;
            red[i] += light.color[0] * (wa * texel[a] + wb * texel[b] + wc * texel[c] + wd * texel[e]);
            green[i] += light.color[1] * (wa * texel[a + 1] + wb * texel[b + 1] + wc * texel[c + 1] + wd * texel[e + 1]);
            blue[i] += light.color[2] * (wa * texel[a + 2] + wb * texel[b + 2] + wc * texel[c + 2] + wd * texel[e + 2]);
        }
    }
};

// Whole pixels of sky, straight into the image.
const auto show_sky = [&](int row, int x, int length) {
    float place_x[ROOM], place_y[ROOM], red[ROOM], green[ROOM], blue[ROOM];
    for (int i = 0; i < length; ++i) {
        place_x[i] = x + i + 0.5f - view.centre[0];
        place_y[i] = row + 0.5f - view.centre[1];
    }
    look_up_sky(place_x, place_y, length, red, green, blue);
    put_run(red, green, blue, length, row * width + x);
};

// Sky beside surfaces in a pixel; ``triangle`` of ``part`` is one that the pixel shows.
const auto collect_sky = [&](int triangle, int part, int row, int column, int place, float share) {
    collect(triangle, part, row, column, place, share);
    const int k = loose - 1;
    some_sky[k] = true;
    look_up_sky(some_x + k, some_y + k, 1, sky_r + k, sky_g + k, sky_b + k);
};
