// Where texel (x, y) of a picture lies behind its first: pictures are kept in tiles of 4 x 4, each a cache line (texture.py).
struct TexelPlace {
    int operator()(int columns, int x, int y) const {
        return (((y >> 2) * ((columns + 3) >> 2) + (x >> 2)) << 4) + ((y & 3) << 2) + (x & 3);
    }
};
