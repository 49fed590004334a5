"""Picture files as arrays: from folders, from inside usdz packages, colour spaces named."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hdr import read_hdr
from replicator_dr.errors import AssetError, UnsupportedError

LARGEST = 2048


def read_bytes(path: str) -> bytes:
    """The content of a file, of a member of a usdz package ("a.usdz[textures/b.png]") or at a URL.

    URLs are for USD's resolver, which knows them inside Isaac Sim. Raises AssetError.
    """
    if "[" in path or "://" in path:
        from pxr import Ar

        asset = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(path))
        if asset:
            return bytes(asset.GetBuffer())
        raise AssetError(f"{path}: there is no such picture; is the package, or the server, there?")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise AssetError(f"{path}: cannot be read ({error.strerror or error})") from None


def read_texture(path: str, linear: bool = False) -> NDArray[np.uint8]:
    """(H, W, 4) uint8, colour and alpha as the file has them, at most 2048 across.

    linear: a Radiance picture, which holds linear values, is given as such, 255 = 1; else sRGB-encoded.
    """
    from PIL import Image, UnidentifiedImageError

    refuse_exr(path)
    if path.lower().endswith(".hdr"):
        radiance = np.clip(_shrink(read_hdr(read_bytes(path), path)), 0.0, 1.0)
        return _with_alpha((radiance * 255.0 + 0.5).astype(np.uint8) if linear else encode_srgb(radiance))
    try:
        image: Image.Image = Image.open(io.BytesIO(read_bytes(path)))
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise AssetError(f"{path}: is not a picture that can be read ({error})") from None
    if image.mode in ("I;16", "I;16B", "I"):
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257.0).round().astype(np.uint8))
    if max(image.size) > LARGEST:
        scale = LARGEST / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
    return np.ascontiguousarray(image.convert("RGBA"), dtype=np.uint8)


def is_colour(path: str) -> bool:
    """Whether a picture has three or four channels of 8 bits, which UsdUVTexture's "auto" takes for sRGB."""
    from PIL import Image, UnidentifiedImageError

    refuse_exr(path)
    if path.lower().endswith(".hdr"):
        return False
    try:
        return Image.open(io.BytesIO(read_bytes(path))).mode in ("RGB", "RGBA", "RGBX", "P", "CMYK", "YCbCr")
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise AssetError(f"{path}: is not a picture that can be read ({error})") from None


_MONO = {
    "mean": lambda rgb: rgb.mean(axis=-1),
    "luminance": lambda rgb: rgb @ np.array([0.2126, 0.7152, 0.0722]),
    "maximum": lambda rgb: rgb.max(axis=-1),
}


def part_of(pixels: NDArray[np.uint8], part: str) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: what a material looks up of a picture (H, W, 4), all of it or one number for each pixel.

    part: "rgba" as it is; three of r, g, b and a, or one, repeated; "mean", "luminance" or "maximum" of the colour. A
    "-" before a letter inverts it ("r-gb": green upside down).
    """
    if part == "rgba":
        return pixels
    if part in _MONO:
        value = (_MONO[part](pixels[..., :3].astype(np.float32)) + 0.5).astype(np.uint8)
        return _with_alpha(np.repeat(value[..., None], 3, axis=-1))
    letters = re.findall("-?[rgba]", part)
    planes = [pixels[..., "rgba".index(letter[-1])] ^ np.uint8(255 * (len(letter) > 1)) for letter in letters]
    return _with_alpha(np.stack(planes if len(planes) == 3 else planes * 3, axis=-1))


def read_panorama(path: str) -> NDArray[np.float32]:
    """(H, W, 3) float32, linear: an HDR picture as it is, any other decoded from sRGB."""
    refuse_exr(path)
    if path.lower().endswith(".hdr"):
        return np.ascontiguousarray(_shrink(read_hdr(read_bytes(path), path)))
    return decode_srgb(read_texture(path)[..., :3])


def refuse_exr(path: str) -> None:
    """OpenEXR is not read."""
    if path.lower().rstrip("]").endswith(".exr"):
        raise UnsupportedError(f"{path}: OpenEXR pictures are not read; convert it to Radiance HDR (.hdr)")


def decode_srgb(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """SRGB bytes to linear 0..1 (IEC 61966-2-1)."""
    value = np.arange(256) / 255.0
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return table[pixels]


def encode_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear 0..1 to sRGB bytes (IEC 61966-2-1)."""
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    return (encoded * 255.0 + 0.5).astype(np.uint8)


def _with_alpha(colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([colour, np.full((*colour.shape[:2], 1), 255, dtype=np.uint8)], axis=-1)


def _shrink(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over whole blocks until the picture is at most 2048 across; energy is kept."""
    factor = -(-max(picture.shape[:2]) // LARGEST)
    if factor == 1:
        return picture
    height, width = (size // factor for size in picture.shape[:2])
    blocks = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return blocks.mean(axis=(1, 3), dtype=np.float32)
