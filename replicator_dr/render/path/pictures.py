"""Textures at full resolution, looked up bilinearly and repeating."""

from __future__ import annotations

import numpy as np
import warp as wp

from replicator_dr.render.color import to_linear
from replicator_dr.render.scene import Texture

wp.set_module_options({"enable_backward": False})


@wp.struct
class Pictures:
    """All textures, one behind the other. info: first texel, width, height, row of ``decode``.

    texels: 0xAABBGGRR. decode: (2, 256), byte to linear value: of sRGB, and of data.
    """

    texels: wp.array(dtype=wp.uint32)
    info: wp.array(dtype=wp.vec4i)
    decode: wp.array2d(dtype=wp.float32)


def upload(textures: tuple[Texture, ...], device: wp.Device) -> Pictures:
    """Put all textures on the device."""
    info = np.ones((max(len(textures), 1), 4), np.int32)
    texels = [np.full(1, 0xFFFFFFFF, np.uint32)]
    first = 1
    for row, texture in enumerate(textures):
        height, width = texture.pixels.shape[:2]
        info[row] = first, width, height, int(texture.linear)
        texels.append(np.ascontiguousarray(texture.pixels).view(np.uint32).reshape(-1))
        first += width * height
    byte = np.arange(256) / 255.0
    found = Pictures()
    found.texels = wp.array(np.concatenate(texels), dtype=wp.uint32, device=device)
    found.info = wp.array(info, dtype=wp.vec4i, device=device)
    found.decode = wp.array(np.stack([to_linear(byte), byte]).astype(np.float32), dtype=wp.float32, device=device)
    return found


@wp.func
def texel(pictures: Pictures, info: wp.vec4i, x: int, y: int) -> wp.vec3:
    """The linear colour of one texel."""
    word = pictures.texels[info[0] + y * info[1] + x]
    row = info[3]
    return wp.vec3(
        pictures.decode[row, int(word & wp.uint32(255))],
        pictures.decode[row, int((word >> wp.uint32(8)) & wp.uint32(255))],
        pictures.decode[row, int((word >> wp.uint32(16)) & wp.uint32(255))],
    )


@wp.func
def pictured(pictures: Pictures, texture: int, uv: wp.vec2) -> wp.vec3:
    """Linear colour of a texture at texture coordinates, (0, 0) at the bottom left."""
    info = pictures.info[texture]
    x = (uv[0] - wp.floor(uv[0])) * float(info[1]) - 0.5
    y = (1.0 - (uv[1] - wp.floor(uv[1]))) * float(info[2]) - 0.5
    left = int(wp.floor(x))
    top = int(wp.floor(y))
    right = x - float(left)
    below = y - float(top)
    x0 = (left + info[1]) % info[1]
    x1 = (left + 1) % info[1]
    y0 = (top + info[2]) % info[2]
    y1 = (top + 1) % info[2]
    upper = wp.lerp(texel(pictures, info, x0, y0), texel(pictures, info, x1, y0), right)
    lower = wp.lerp(texel(pictures, info, x0, y1), texel(pictures, info, x1, y1), right)
    return wp.lerp(upper, lower, below)
