"""The materials of the generated meshes: a picture or a colour, a roughness and a metalness each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """UsdPreviewSurface inputs. texture: a file of ``scenes/assets/textures``, or "" for the plain sRGB colour."""

    texture: str = ""
    colour: tuple[int, int, int] = (200, 200, 200)
    roughness: float = 0.6
    metallic: float = 0.0


MATERIALS: dict[str, Material] = {
    "ash": Material("table_ash.jpg", roughness=0.45),
    "black_plastic": Material(colour=(34, 35, 37), roughness=0.45),
    "blue_cable": Material(colour=(34, 96, 168), roughness=0.4),
    "blue_paint": Material("metal_blue.jpg", roughness=0.4, metallic=0.1),
    "blue_plastic": Material(colour=(40, 82, 150), roughness=0.35),
    "bright_steel": Material("metal_brushed.jpg", roughness=0.32, metallic=0.9),
    "cabinet": Material("cabinet.jpg", roughness=0.55),
    "canvas": Material("floor_carpet_grey.jpg", roughness=0.95),
    "carton": Material("carton_plain.jpg", roughness=0.85),
    "carton_label": Material("carton_label.jpg", roughness=0.85),
    "carton_white": Material("carton_white.jpg", roughness=0.75),
    "cone_yellow": Material("cone.jpg", roughness=0.24),
    "cream_glaze": Material(colour=(226, 216, 196), roughness=0.18),
    "cube_blue": Material("cube.jpg", roughness=0.36),
    "cube_marked": Material("cube_marked.jpg", roughness=0.36),
    "denim": Material("cloth_denim.jpg", roughness=0.95),
    "glass_dark": Material(colour=(22, 24, 27), roughness=0.12),
    "green_paint": Material("metal_green.jpg", roughness=0.45, metallic=0.1),
    "grey_paint": Material("metal_grey.jpg", roughness=0.45, metallic=0.2),
    "grey_plastic": Material(colour=(142, 148, 152), roughness=0.5),
    "leaf": Material("leaf.jpg", roughness=0.55),
    "navy_cloth": Material("cloth_navy.jpg", roughness=0.92),
    "orange_cloth": Material("cloth_orange.jpg", roughness=0.9),
    "orange_paint": Material("metal_orange.jpg", roughness=0.4, metallic=0.1),
    "orange_plastic": Material(colour=(222, 120, 34), roughness=0.35),
    "page": Material(colour=(232, 228, 216), roughness=0.8),
    "pallet_wood": Material("wood_pallet.jpg", roughness=0.9),
    "pine": Material("table_pine.jpg", roughness=0.6),
    "red_plastic": Material(colour=(178, 38, 34), roughness=0.35),
    "sole": Material(colour=(150, 146, 138), roughness=0.8),
    "soil": Material(colour=(58, 44, 34), roughness=1.0),
    "teal_cloth": Material(colour=(22, 122, 122), roughness=0.9),
    "terracotta": Material(colour=(172, 92, 62), roughness=0.8),
    "white_plastic": Material(colour=(226, 227, 226), roughness=0.35),
    "yellow_plastic": Material(colour=(236, 184, 26), roughness=0.35),
    "zinc": Material("metal_zinc.jpg", roughness=0.45, metallic=0.7),
}
