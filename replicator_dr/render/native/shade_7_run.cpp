// Fragment 7 of shade.shade_run: the run of pixels, as many samples at a time as there is room for.

int x = x_begin;
while (x < x_end) {
    const int start = x;
    count = 0;
    while (x < x_end && count + EACH <= ROOM && x - start < ROOM) {
        const int slot = x - start;
        const auto* key = row_keys + x * EACH;
        out_r[slot] = out_g[slot] = out_b[slot] = 0.0f;
        if ((((key[0] ^ key[1]) | (key[0] ^ key[2]) | (key[0] ^ key[3])) & TRIANGLE) == 0) {
            // Whole pixels of one triangle, or of the sky, for as long as the row stays on it.
            int length = 1;
            const int room = ROOM - count < ROOM - slot ? ROOM - count : ROOM - slot;
            const int most = x_end - x < room ? x_end - x : room;
            for (const auto* next = key + EACH; length < most; next += EACH, ++length) {
                const long long other = (next[0] ^ key[0]) | (next[1] ^ key[0]) | (next[2] ^ key[0]) | (next[3] ^ key[0]);
                if ((other & TRIANGLE) != 0) break;
                out_r[slot + length] = out_g[slot + length] = out_b[slot + length] = 0.0f;
            }
            take((int)(key[0] & TRIANGLE) - 1, x, length, 0, 1.0f, slot);
            x += length;
            continue;
        }
        // Several triangles: each surface once, at its first sample, by its share of the samples.
        int left = 15;
        for (int i = 0; i < EACH; ++i) {
            if (!((left >> i) & 1)) continue;
            float share = 0.25f;
            for (int j = i + 1; j < EACH; ++j)
                if (((left >> j) & 1) && alike(key[i], key[j])) {
                    left -= 1 << j;
                    share += 0.25f;
                }
            take((int)(key[i] & TRIANGLE) - 1, x, 1, i, share, slot);
        }
        ++x;
    }
    finish_surfaces();
    for (int k = 0; k < light_count; ++k) {
        const auto light = light_of[k];
        if (!(light.color[0] + light.color[1] + light.color[2] > 0.0f)) continue;
        if (light.kind == DOME) light_from_dome(light);
        else light_from_lamp(light);
    }
    for (int i = 0; i < count; ++i) {
        out_r[pixel[i]] += weight[i] * sum_r[i] / (1.0f + sum_r[i]);
        out_g[pixel[i]] += weight[i] * sum_g[i] / (1.0f + sum_g[i]);
        out_b[pixel[i]] += weight[i] * sum_b[i] / (1.0f + sum_b[i]);
    }
    for (int i = 0; i < x - start; ++i) {
        wp::uint8* p = row_rgb + (start + i) * 4;
        p[0] = encode.data[(int)(out_r[i] * 4095.0f + 0.5f)];
        p[1] = encode.data[(int)(out_g[i] * 4095.0f + 0.5f)];
        p[2] = encode.data[(int)(out_b[i] * 4095.0f + 0.5f)];
        p[3] = 255;
    }
}
