"""Every generated texture: its file name, how it is made, and how wide it is in the world.

A name ends in .jpg for materials and .png for drawings. ``metres`` is the width that the whole picture covers when it
is used at its right scale; 0 for a picture that covers an object's own 0..1 coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.assets.noise import Array
from tools.assets.textures import floors, goods, patterns, targets, walls, wood


@dataclass(frozen=True)
class Texture:
    """One picture: ``make()`` gives it as floats, and ``metres`` is its width in the world."""

    make: Callable[[], Array]
    metres: float


TEXTURES: dict[str, Texture] = {
    "floor_terrazzo.jpg": Texture(lambda: floors.terrazzo(11, (196, 190, 182), (118, 88, 72)), 1.2),
    "floor_terrazzo_dark.jpg": Texture(lambda: floors.terrazzo(12, (150, 144, 138), (84, 74, 66)), 1.2),
    "floor_ceramic.jpg": Texture(lambda: floors.ceramic(13, (214, 207, 194), (140, 128, 112)), 1.2),
    "floor_slabs.jpg": Texture(lambda: floors.slabs(14), 1.2),
    "floor_concrete.jpg": Texture(lambda: floors.concrete(15), 2.0),
    "floor_hall.jpg": Texture(lambda: floors.hall_floor(16), 4.0),
    "floor_carpet_grey.jpg": Texture(lambda: floors.carpet(17, (104, 104, 108)), 1.0),
    "floor_carpet_blue.jpg": Texture(lambda: floors.carpet(18, (58, 70, 98)), 1.0),
    "floor_oak.jpg": Texture(lambda: wood.planks(19, wood.OAK), 1.2),
    "floor_walnut.jpg": Texture(lambda: wood.planks(20, wood.WALNUT, rows=8), 1.2),
    "floor_rubber.jpg": Texture(lambda: floors.rubber(21, (52, 54, 58)), 1.0),
    "table_ash.jpg": Texture(lambda: wood.solid(22, wood.ASH), 1.0),
    "table_pine.jpg": Texture(lambda: wood.planks(23, wood.PINE, rows=5, per_row=1, gap=0.006, wear=0.15), 0.8),
    "wood_pallet.jpg": Texture(lambda: wood.pallet(24), 0.8),
    "wall_plaster.jpg": Texture(lambda: walls.plaster(31, (222, 217, 206)), 2.5),
    "wall_corridor.jpg": Texture(lambda: walls.two_tone(32, (156, 170, 158), (206, 186, 168)), 2.5),
    "wall_brick.jpg": Texture(lambda: walls.brick(34), 0.75),
    "wall_tiles.jpg": Texture(lambda: walls.glazed_tiles(35), 1.2),
    "wall_oak.jpg": Texture(lambda: walls.panelling(36), 1.2),
    "wall_glazing.jpg": Texture(lambda: walls.glazing(37, (34, 142, 152)), 2.0),
    "wall_sheet.jpg": Texture(lambda: walls.steel_sheet(38, (178, 184, 188)), 2.0),
    "wall_papers.jpg": Texture(lambda: walls.pin_board(39), 2.5),
    "cabinet.jpg": Texture(lambda: walls.fibre_board(40), 1.0),
    "carton_plain.jpg": Texture(lambda: goods.carton(51, (176, 134, 90), (196, 160, 104), False), 0),
    "carton_label.jpg": Texture(lambda: goods.carton(52, (182, 140, 96), (206, 178, 132), True), 0),
    "carton_white.jpg": Texture(lambda: goods.carton(53, (212, 206, 194), (196, 176, 140), True), 0),
    "metal_blue.jpg": Texture(lambda: goods.painted_metal(61, (38, 74, 138)), 1.0),
    "metal_orange.jpg": Texture(lambda: goods.painted_metal(62, (214, 98, 26)), 1.0),
    "metal_grey.jpg": Texture(lambda: goods.painted_metal(63, (138, 142, 146), 0.7), 1.0),
    "metal_green.jpg": Texture(lambda: goods.painted_metal(64, (62, 108, 78)), 1.0),
    "metal_brushed.jpg": Texture(lambda: goods.brushed_metal(65), 0.5),
    "metal_zinc.jpg": Texture(lambda: goods.galvanised(66), 0.6),
    "cloth_navy.jpg": Texture(lambda: goods.weave(71, (26, 42, 66), (32, 60, 88)), 0.3),
    "cloth_orange.jpg": Texture(lambda: goods.weave(72, (214, 104, 40), (232, 126, 58)), 0.3),
    "cloth_denim.jpg": Texture(lambda: goods.weave(73, (44, 56, 82), (92, 104, 124)), 0.3),
    "leaf.jpg": Texture(lambda: goods.foliage(74), 0),
    "checker.png": Texture(lambda: patterns.checker((222, 220, 214), (52, 56, 62)), 0),
    "checker_red.png": Texture(lambda: patterns.checker((196, 52, 44), (236, 226, 208), 6), 0),
    "stripes_hazard.png": Texture(lambda: patterns.stripes((232, 190, 28), (34, 34, 36), 4, 4), 0),
    "stripes_blue.png": Texture(lambda: patterns.stripes((36, 88, 168), (228, 230, 232), 6, 0), 0),
    "dots.png": Texture(lambda: patterns.dots((222, 204, 170), (52, 122, 112)), 0),
    "noise.jpg": Texture(lambda: patterns.rainbow_noise(81), 0),
    "mosaic.jpg": Texture(lambda: patterns.mosaic(82), 0),
    "marble.jpg": Texture(lambda: patterns.marble(83, (216, 212, 204), (110, 106, 104)), 0),
    "rust.jpg": Texture(lambda: patterns.rust(84), 0),
    "package_green.jpg": Texture(lambda: patterns.package(85, (44, 132, 84), (236, 196, 60)), 0),
    "package_red.jpg": Texture(lambda: patterns.package(86, (188, 48, 44), (38, 60, 120)), 0),
    "cone.jpg": Texture(lambda: targets.cone_skin(91), 0),
    "cube.jpg": Texture(lambda: targets.cube_skin(92), 0),
    "cube_marked.jpg": Texture(lambda: targets.cube_marked(92), 0),
}
