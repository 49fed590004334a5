// Fragment 5 of shade.shade_rows: the ground (ground.py).

const V ground_up = load3(ground.normal), ground_u = load3(ground.axis_u), ground_v = load3(ground.axis_v);
const V ground_at = load3(ground.centre), ground_color = load3(ground.albedo);
constexpr float SUNK = 1e-3f;  // what lies deeper than this share of the ground's half sides is below it
const float lowest = -SUNK * (ground.half_u + ground.half_v);
