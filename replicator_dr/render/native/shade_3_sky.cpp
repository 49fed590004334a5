// Fragment 3 of shade.shade_rows: what the domes show where no surface is.

// Radiance along camera-space rays of any length, into red, green and blue.
const auto look_up_sky = [&](const float* ray_x, const float* ray_y, const float* ray_z, int rays, float* red,
                             float* green, float* blue) {
    for (int i = 0; i < rays; ++i) red[i] = green[i] = blue[i] = 0.0f;
    for (int k = 0; k < light_count; ++k) {
        RECORD light = light_of[k];
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
            const V d = turn(light.from_world, turn(view.rotation, V{ray_x[i], ray_y[i], ray_z[i]}));
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

// The same through one sample of a pixel; black where the lens shows nothing.
const auto look_up_sample = [&](int row, int column, int place, float* red, float* green, float* blue) {
    V ray{(column + 0.5f + OFFSET_X[place] - view.centre[0]) * inverse_fx,
          (row + 0.5f + OFFSET_Y[place] - view.centre[1]) * inverse_fy, 1.0f};
    if (lensed) ray = lens_ray((row * width + column) * EACH + place);
    look_up_sky(&ray.x, &ray.y, &ray.z, 1, red, green, blue);
    if (lensed && dot(ray, ray) < 0.5f) *red = *green = *blue = 0.0f;
};

// Whole pixels of sky, straight into the image.
const auto show_sky = [&](int row, int x, int length) {
    float ray_x[ROOM], ray_y[ROOM], ray_z[ROOM], red[ROOM], green[ROOM], blue[ROOM];
    if (lensed) {
        for (int i = 0; i < length; ++i) {
            const V ray = lens_ray((row * width + x + i) * EACH);
            ray_x[i] = ray.x;
            ray_y[i] = ray.y;
            ray_z[i] = ray.z;
        }
    } else {
        for (int i = 0; i < length; ++i) {
            ray_x[i] = (x + i + 0.5f - view.centre[0]) * inverse_fx;
            ray_y[i] = (row + 0.5f - view.centre[1]) * inverse_fy;
            ray_z[i] = 1.0f;
        }
    }
    look_up_sky(ray_x, ray_y, ray_z, length, red, green, blue);
    if (lensed) {
        for (int i = 0; i < length; ++i)
            if (ray_x[i] == 0.0f && ray_y[i] == 0.0f && ray_z[i] == 0.0f) red[i] = green[i] = blue[i] = 0.0f;
    }
    put_run(red, green, blue, length, row * width + x);
};

// Sky beside surfaces in a pixel, which shows ``triangle`` of ``part`` at its sample ``hit``.
const auto collect_sky = [&](int triangle, int part, int row, int column, int hit, int place, float share) {
    collect(triangle, part, row, column, hit, share);
    const int k = loose - 1;
    some_sky[k] = true;
    look_up_sample(row, column, place, sky_r + k, sky_g + k, sky_b + k);
};
