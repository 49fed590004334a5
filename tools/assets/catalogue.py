"""The notes beside the generated assets: what each file is, its size in the world, and its licence."""

from __future__ import annotations

from collections.abc import Mapping

TEXTURES_NOTE = """# Generated textures

Made by `python -m tools.assets` from the code in `tools/assets/textures`: no photograph and no scan went into them.
Licence: Apache-2.0, as the project; what is rendered with them is free of it.

512x512, tileable where a width is given: that is what the whole picture covers in the world, so a floor of 6 m takes a
`texture_scale` of 6 / width. The others cover an object's own texture coordinates.

| file | width [m] |
|---|---|
"""

MESHES_NOTE = """# Generated meshes

Made by `python -m tools.assets` from the code in `tools/assets/models`. Licence: Apache-2.0, as the project.

Binary OpenUSD, metres, Z up, smooth and sharp edges in the normals, UsdPreviewSurface with the pictures of
`../textures`. Things stand on z = 0 with their base centred, except `cube` (centred, so that it tumbles about its
middle) and `table` (origin in the middle of its top). The cone and the cube follow the sizes in the manual of the 2023
FIRST Robotics Competition; the mark on the cube is our own.

| file | triangles | size x, y, z [m] |
|---|---|---|
"""


def textures_note(widths: Mapping[str, float]) -> str:
    """README of the textures. widths: file name -> metres, 0 for pictures that belong to an object."""
    return TEXTURES_NOTE + "".join(f"| {name} | {f'{width:g}' if width else '-'} |\n" for name, width in widths.items())


def meshes_note(meshes: Mapping[str, tuple[int, tuple[float, ...]]]) -> str:
    """README of the meshes. meshes: name -> triangles and extent [m]."""
    rows = (
        f"| {name}.usdc | {triangles} | {' x '.join(f'{length:.2f}' for length in extent)} |\n"
        for name, (triangles, extent) in meshes.items()
    )
    return MESHES_NOTE + "".join(rows)
