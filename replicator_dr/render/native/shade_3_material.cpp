// Fragment 3 of shade.shade_run: unit normals, and what the surfaces are made of.

const auto finish_surfaces = [&]() {
    // Unit normals. One that turns away at a silhouette is bent back toward the viewer.
    for (int i = 0; i < count; ++i) {
        float s = 1.0f / wp::sqrt(larger(nx[i] * nx[i] + ny[i] * ny[i] + nz[i] * nz[i], 1e-30f));
        float a = nx[i] * s, b = ny[i] * s, c = nz[i] * s;
        const float cosine = a * vx[i] + b * vy[i] + c * vz[i];
        const float bend = larger(0.02f - cosine, 0.0f);
        a += vx[i] * bend;
        b += vy[i] * bend;
        c += vz[i] * bend;
        s = 1.0f / wp::sqrt(a * a + b * b + c * c);
        nx[i] = a * s;
        ny[i] = b * s;
        nz[i] = c * s;
        nv[i] = larger(cosine, 0.02f);
    }
    // Base colour: bilinear, repeating, from the mipmap whose texels are as large as the pixel.
    EACH_SAMPLE
    for (int i = 0; i < count; ++i) {
        const bool plain = texture[i] < 0;
        const float fine = detail[i] - 0.5f * log2_of(larger(nv[i], 0.15f)) + noise[i];
        const int level = fine <= 0.0f ? 0 : (fine >= LEVELS - 1 ? LEVELS - 1 : (int)fine);
        const auto& info = levels.data[(plain ? 0 : texture[i]) * LEVELS + level];
        const int origin = info[0], columns = info[1], rows = info[2];
        const float px = (tu[i] - wp::floor(tu[i])) * columns - 0.5f;
        const float py = (1.0f - (tv[i] - wp::floor(tv[i]))) * rows - 0.5f;
        const float fx = wp::floor(px), fy = wp::floor(py);
        int x0 = (int)fx, y0 = (int)fy, x1 = x0 + 1, y1 = y0 + 1;
        const float right = px - fx, below = py - fy;
        x0 = x0 < 0 ? columns - 1 : x0;
        y0 = y0 < 0 ? rows - 1 : y0;
        x1 = x1 >= columns ? 0 : x1;
        y1 = y1 >= rows ? 0 : y1;
        const int upper = origin + y0 * columns, lower = origin + y1 * columns;
        const wp::uint32 a = texels.data[upper + x0], b = texels.data[upper + x1];
        const wp::uint32 c = texels.data[lower + x0], d = texels.data[lower + x1];
        const float wa = (1.0f - right) * (1.0f - below), wb = right * (1.0f - below);
        const float wc = (1.0f - right) * below, wd = right * below;
        const float* linear = decode.data;
        const float red = wa * linear[a & 255] + wb * linear[b & 255] + wc * linear[c & 255] + wd * linear[d & 255];
        const float green = wa * linear[(a >> 8) & 255] + wb * linear[(b >> 8) & 255] + wc * linear[(c >> 8) & 255]
            + wd * linear[(d >> 8) & 255];
        const float blue = wa * linear[(a >> 16) & 255] + wb * linear[(b >> 16) & 255] + wc * linear[(c >> 16) & 255]
            + wd * linear[(d >> 16) & 255];
        ar[i] *= plain ? 1.0f : red;
        ag[i] *= plain ? 1.0f : green;
        ab[i] *= plain ? 1.0f : blue;
    }
    // Reflectance straight on (f) and diffuse albedo (a).
    for (int i = 0; i < count; ++i) {
        const float m = metal[i], base = 0.08f * specular[i] * (1.0f - m);
        fr[i] = base + ar[i] * m;
        fg[i] = base + ag[i] * m;
        fb[i] = base + ab[i] * m;
        // What reflects less than 2 % straight on does not at the rim either (Karis 2013).
        edge[i] = clamped(50.0f * larger(fr[i], larger(fg[i], fb[i])), 0.0f, 1.0f);
        ar[i] *= 1.0f - m;
        ag[i] *= 1.0f - m;
        ab[i] *= 1.0f - m;
        rough[i] = larger(rough[i], 0.045f);
    }
};
