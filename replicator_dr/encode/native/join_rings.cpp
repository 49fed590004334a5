// The rings of each object of one image, joined into one way. The body of ways.join_image; see storage/joined_rings.py
// for the rules.
typedef unsigned long long uint64;

const int objects = ends.shape[1], count = needed.data[2 * image + 1], most_points = corners.shape[1] / 2;
const int most_rings = rings.shape[1], rows = row_room;
const int* at = corners.data + (long long)image * corners.shape[1];
const int* ring = rings.data + (long long)image * most_rings * 2;  // object, end among the corners
int* out = way.data + (long long)image * way.shape[1];
int* end_of = ends.data + (long long)image * objects;

uint64* key = (uint64*)scratch.data;  // of each ring: its object, and its highest, leftmost corner
long long* distance = scratch.data + most_rings;  // squared, from each waiting corner to the way
int* order = (int*)(distance + most_points);  // the rings by their keys
int* top = order + most_rings;  // the corner that each begins with
int* first = top + most_rings;  // where each begins and ends among the corners of its object
int* last = first + most_rings;
int* joined_as = last + most_rings;  // when each became part of the way
int* x = joined_as + most_rings;
int* y = x + most_points;
int* owner = y + most_points;
int* by_row = owner + most_points;  // the corners of the newest ring, row after row
int* row_end = by_row + most_points;
int* node_corner = row_end + rows;
int* after = node_corner + 3 * most_points;

for (int r = 0; r < count; ++r) {
    int best = r ? ring[2 * r - 1] : 0;
    for (int i = best + 1; i < ring[2 * r + 1]; ++i)
        if (at[2 * i + 1] < at[2 * best + 1] || (at[2 * i + 1] == at[2 * best + 1] && at[2 * i] < at[2 * best])) best = i;
    top[r] = best;
    key[r] = (uint64)ring[2 * r] << 48 | (uint64)at[2 * best + 1] << 24 | (uint64)at[2 * best];
    order[r] = r;
}
const auto sift = [&](int node, int size) {
    const int value = order[node];
    for (int child; (child = 2 * node + 1) < size; node = child) {
        if (child + 1 < size && key[order[child + 1]] > key[order[child]]) ++child;
        if (key[order[child]] <= key[value]) break;
        order[node] = order[child];
    }
    order[node] = value;
};
for (int i = count / 2 - 1; i >= 0; --i) sift(i, count);
for (int size = count - 1; size > 0; --size) {
    const int highest = order[0];
    order[0] = order[size];
    order[size] = highest;
    sift(0, size);
}

int used = 0, next = 0;
for (int object = 0; object < objects; ++object) {
    int number = 0, points = 0, start = 0;
    long long largest = 0;
    for (; next < count && ring[2 * order[next]] == object; ++next, ++number) {
        const int r = order[next], begin = r ? ring[2 * r - 1] : 0, end = ring[2 * r + 1];
        first[number] = points;
        for (int i = top[r], left = end - begin; left > 0; --left, i = i + 1 < end ? i + 1 : begin) {
            x[points] = at[2 * i];
            y[points] = at[2 * i + 1];
            owner[points++] = number;
        }
        last[number] = points;
        long long area = 0;  // twice, negative around holes
        for (int i = first[number]; i < points; ++i) {
            const int ahead = i + 1 < points ? i + 1 : first[number];
            area += (long long)x[i] * y[ahead] - (long long)x[ahead] * y[i];
        }
        if (number == 0 || area > largest) { largest = area; start = number; }
    }
    for (int i = 0; i < points; ++i) {
        node_corner[i] = i;
        after[i] = i + 1 < last[owner[i]] ? i + 1 : first[owner[i]];
        distance[i] = 0x7FFFFFFFFFFFFFFFLL;
    }
    for (int r = 0; r < number; ++r) joined_as[r] = number;
    int nodes = points, newest = start;
    for (int step = 0; step + 1 < number; ++step) {
        joined_as[newest] = step;
        const int from = first[newest], to = last[newest], low = y[from];
        int high = low, left = x[from], right = left;
        for (int i = from; i < to; ++i) {
            high = y[i] > high ? y[i] : high;
            left = x[i] < left ? x[i] : left;
            right = x[i] > right ? x[i] : right;
        }
        for (int row = 0; row <= high - low + 1; ++row) row_end[row] = 0;
        for (int i = from; i < to; ++i) ++row_end[y[i] - low + 1];
        for (int row = 0; row <= high - low; ++row) row_end[row + 1] += row_end[row];
        for (int i = from; i < to; ++i) by_row[row_end[y[i] - low]++] = i;  // from here on where each row ends
        int there = -1;
        for (int i = 0; i < points; ++i) {
            if (joined_as[owner[i]] < number) continue;
            long long nearest = distance[i];
            const long long beside = x[i] < left ? left - x[i] : x[i] > right ? x[i] - right : 0;
            const auto look = [&](int row) {
                if (row < 0 || row > high - low) return;
                const long long down = low + row - y[i];
                for (int k = row ? row_end[row - 1] : 0; k < row_end[row]; ++k) {
                    const long long across = x[by_row[k]] - x[i], squared = across * across + down * down;
                    nearest = squared < nearest ? squared : nearest;
                }
            };
            const int own = y[i] - low;
            long long away = own < 0 ? -own : own > high - low ? own - (high - low) : 0;
            for (; away * away + beside * beside < nearest; ++away) {
                if (own - away < 0 && own + away > high - low) break;
                look((int)(own - away));
                if (away) look((int)(own + away));
            }
            distance[i] = nearest;
            if (there < 0 || nearest < distance[there]) there = i;
        }
        int here = -1;
        for (int i = 0; i < points; ++i) {
            const long long across = x[i] - x[there], down = y[i] - y[there];
            if (across * across + down * down == distance[there] &&
                (here < 0 || joined_as[owner[i]] < joined_as[owner[here]])) here = i;
        }
        newest = owner[there];
        const int before = there > first[newest] ? there - 1 : last[newest] - 1, back = nodes, again = nodes + 1;
        node_corner[back] = there;
        node_corner[again] = here;
        after[back] = again;
        after[again] = after[here];
        after[before] = back;
        after[here] = there;
        nodes += 2;
    }
    for (int node = number ? first[start] : 0, i = 0; i < nodes; ++i, node = after[node]) {
        out[2 * used] = x[node_corner[node]];
        out[2 * used++ + 1] = y[node_corner[node]];
    }
    end_of[object] = used;
}
