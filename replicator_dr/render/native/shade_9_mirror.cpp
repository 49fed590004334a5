// Fragment 9 of shade.shade_rows: the ground in what shines, as the lamps light it. (What the domes give it is in 6_dome.)
//
// The places that are mirrored are lit like any others, in the place of the samples that mirror them, which wait.
float waiting_lane[17][HELD];
int mirrors[HELD];

// Each array that such a place needs for itself, with its row in ``waiting_lane``.
const auto each_swapped = [&](const auto& visit) {
    visit(nx, 0), visit(ny, 1), visit(nz, 2), visit(wx, 3), visit(wy, 4), visit(wz, 5);
    visit(ar, 6), visit(ag, 7), visit(ab, 8), visit(fr, 9), visit(fg, 10), visit(fb, 11), visit(edge, 12);
    visit(sum_r, 13), visit(sum_g, 14), visit(sum_b, 15), visit(noise, 16);
};

constexpr float LEAST_SHOWN = 0.01f;  // less is left out

// Puts the places in. False where there are none.
int mirrors_of = 0, samples_waiting = 0;  // how many samples mirror the ground, and how many there are
float share_waiting[HELD];
const auto begin_mirrored = [&]() {
    int seen = 0;
    if (tilted)
        for (int i = 0; i < count; ++i)
            if (under[i] > LEAST_SHOWN) mirrors[seen++] = i;
    if (seen == 0) return false;
    const int end = rounded(seen);
    for (int k = seen; k < end; ++k) mirrors[k] = mirrors[seen - 1];
    float place_x[HELD], place_y[HELD], place_z[HELD], grain[HELD];
    for (int k = 0; k < end; ++k) {
        const int i = mirrors[k];
        share_waiting[k] = under[i];
        place_x[k] = met_x[i], place_y[k] = met_y[i], place_z[k] = met_z[i];
        grain[k] = noise[i];
    }
    each_swapped([&](float* lane, int row) {
        for (int k = 0; k < end; ++k) waiting_lane[row][k] = lane[k];
    });
    for (int k = 0; k < end; ++k) {
        nx[k] = ground_up.x, ny[k] = ground_up.y, nz[k] = ground_up.z;
        wx[k] = place_x[k], wy[k] = place_y[k], wz[k] = place_z[k];
        ar[k] = ground_color.x, ag[k] = ground_color.y, ab[k] = ground_color.z;
        fr[k] = fg[k] = fb[k] = edge[k] = sum_r[k] = sum_g[k] = sum_b[k] = 0.0f;
        noise[k] = grain[k];
    }
    mirrors_of = seen;
    samples_waiting = count;
    count = seen;
    lanes = end;
    return true;
};

// Gives the samples back, with what they mirror.
const auto end_mirrored = [&]() {
    float red[HELD], green[HELD], blue[HELD];
    for (int k = 0; k < lanes; ++k) red[k] = sum_r[k], green[k] = sum_g[k], blue[k] = sum_b[k];
    each_swapped([&](float* lane, int row) {
        for (int k = 0; k < lanes; ++k) lane[k] = waiting_lane[row][k];
    });
    for (int k = 0; k < mirrors_of; ++k) {
        const int i = mirrors[k];
        const V back = mirrored_part(i);
        sum_r[i] += back.x * share_waiting[k] * red[k];
        sum_g[i] += back.y * share_waiting[k] * green[k];
        sum_b[i] += back.z * share_waiting[k] * blue[k];
    }
    count = samples_waiting;
    lanes = rounded(count);
};
