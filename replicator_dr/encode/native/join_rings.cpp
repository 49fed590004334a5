// The rings of each object of one image, joined into one way. The body of ways.join_image; see storage/joined_rings.py
// for the rules.
typedef unsigned long long uint64;

const int objects = ends.shape[1], count = needed.data[2 * image + 1], most_points = corners.shape[1] / 2;
const int most_rings = rings.shape[1];
const int* at = corners.data + (long long)image * corners.shape[1];
const int* ring = rings.data + (long long)image * most_rings * 2;  // object, end among the corners
int* out = way.data + (long long)image * way.shape[1];
int* end_of = ends.data + (long long)image * objects;

uint64* key = (uint64*)scratch.data;  // of each ring: its object, and its highest, leftmost corner
int* distance = (int*)(scratch.data + most_rings);  // squared, from each waiting ring to the way
int* order = distance + most_rings;  // the rings by their keys
int* top = order + most_rings;  // the corner that each begins with
int* first = top + most_rings;  // where each begins and ends among the corners of its object
int* last = first + most_rings;
int* waiting = last + most_rings;  // whether each is no part of the way yet
int* nearest_of = waiting + most_rings;  // its corner that is nearest to the way; of equals the first
int* reached = nearest_of + most_rings;  // the corner of the way that this one is nearest to, likewise
int* box = reached + most_rings;  // x and y from, x and y to
int* x = box + 4 * most_rings;
int* y = x + most_points;
int* owner = y + most_points;
int* node_corner = owner + most_points;
int* after = node_corner + 3 * most_points;

const int FAR = 0x7FFFFFFF;  // images are smaller than 32768 on each side
const auto gap = [](int from, int to, int low, int high) { return from > high ? from - high : to < low ? low - to : 0; };
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
    }
    for (int r = 0; r < number; ++r) {
        int* b = box + 4 * r;
        b[0] = b[2] = x[first[r]];
        b[1] = b[3] = y[first[r]];
        for (int i = first[r]; i < last[r]; ++i) {
            b[0] = x[i] < b[0] ? x[i] : b[0];
            b[1] = y[i] < b[1] ? y[i] : b[1];
            b[2] = x[i] > b[2] ? x[i] : b[2];
            b[3] = y[i] > b[3] ? y[i] : b[3];
        }
        waiting[r] = 1;
        distance[r] = FAR;
    }
    int nodes = points, newest = start;
    for (int step = 0; step + 1 < number; ++step) {
        waiting[newest] = 0;
        const int from = first[newest], to = last[newest];
        const int left = box[4 * newest], low = box[4 * newest + 1], right = box[4 * newest + 2], high = box[4 * newest + 3];
        const auto to_box = [&](int i) {
            const int beside = gap(x[i], x[i], left, right), outside = gap(y[i], y[i], low, high);
            return beside * beside + outside * outside;
        };
        // Whether corner i of ring r is nearer to the newest ring than r is to the way so far; of equals the first counts.
        const auto look_from = [&](int r, int i) {
            const int bound = distance[r] + (distance[r] < FAR && i < nearest_of[r]), own_x = x[i], own_y = y[i];
            if (to_box(i) >= bound) return;
            int least = FAR;
            for (int other = from; other < to; ++other) {
                const int across = x[other] - own_x, down = y[other] - own_y, squared = across * across + down * down;
                least = squared < least ? squared : least;
            }
            if (least >= bound) return;
            int who = from;
            while ((x[who] - own_x) * (x[who] - own_x) + (y[who] - own_y) * (y[who] - own_y) != least) ++who;
            distance[r] = least;
            nearest_of[r] = i;
            reached[r] = who;
        };
        int closest = -1;
        for (int r = 0; r < number; ++r) {
            if (!waiting[r]) continue;
            const int* b = box + 4 * r;
            const int beside = gap(b[0], b[2], left, right), outside = gap(b[1], b[3], low, high);
            if (beside * beside + outside * outside <= distance[r]) {
                // The corner nearest to the box comes first: it leaves little to look for from the others.
                int likely = first[r];
                for (int i = first[r]; i < last[r]; ++i) likely = to_box(i) < to_box(likely) ? i : likely;
                look_from(r, likely);
                for (int i = first[r]; i < last[r]; ++i) look_from(r, i);
            }
            if (closest < 0 || distance[r] < distance[closest]) closest = r;
        }
        const int there = nearest_of[closest], here = reached[closest];
        newest = closest;
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
