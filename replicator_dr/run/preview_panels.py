"""The four pictures of a contact sheet's row: image with boxes, instances, depth, normals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from replicator_dr.run.preview_color import Color, depth_colors, instance_color, normal_colors, text_color

if TYPE_CHECKING:
    from replicator_dr.run.preview_frame import PreviewFrame, PreviewObject

_LABEL_SIZE = 13
_SCALE_SIZE = 13
_BAR_WIDTH = 12

SCALE_WIDTH = 68
PAPER: Color = (22, 24, 28)

Box = tuple[float, float, float, float]


def boxes_panel(frame: PreviewFrame, size: tuple[int, int], colors: dict[str, Color]) -> Image.Image:
    """The image with every object's visible box and class name, in its class's colour."""
    panel = Image.fromarray(frame.rgb).resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(panel)
    scale = size[0] / frame.size[0]
    taken: list[Box] = []
    # Large boxes first, so that small ones and their names stay on top.
    for item in sorted(frame.objects, key=lambda one: -one.box[2] * one.box[3]):
        corners = _corners(item, scale)
        inner = (corners[0] + 1, corners[1] + 1, corners[2] - 1, corners[3] - 1)
        draw.rectangle(corners, outline=(0, 0, 0), width=4)
        draw.rectangle(inner, outline=colors[item.category], width=2)
    for item in sorted(frame.objects, key=lambda one: one.box[2] * one.box[3]):
        _label(draw, item.category, _corners(item, scale), colors[item.category], size, taken)
    return panel


def instances_panel(frame: PreviewFrame, size: tuple[int, int]) -> Image.Image:
    """The image in grey with each instance's visible mask in a colour of its own and a bright rim."""
    grey = np.repeat(frame.rgb.astype(np.float32).mean(axis=-1, keepdims=True), 3, axis=-1) * 0.55 + 12
    for index, item in enumerate(frame.objects):
        color = np.array(instance_color(index), dtype=np.float32)
        grey[item.mask] = 0.38 * grey[item.mask] + 0.62 * color
        grey[_rim(item.mask)] = 0.25 * color + 0.75 * 255
    picture = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)


def depth_panel(frame: PreviewFrame, size: tuple[int, int]) -> Image.Image:
    """Depth along the optical axis as colours, ``SCALE_WIDTH`` wider than ``size`` for a scale in metres beside it.

    A grey plate where no depth was written.
    """
    whole = (size[0] + SCALE_WIDTH, size[1])
    if frame.depth is None:
        return _plate(whole, "no depth was written")
    near, far = depth_range(frame.depth)
    panel = Image.new("RGB", whole, PAPER)
    # Colours of two depths do not average into the colour of one between them, hence no smoothing.
    panel.paste(Image.fromarray(depth_colors(frame.depth, near, far)).resize(size, Image.Resampling.NEAREST))
    _scale_bar(panel, near, far)
    return panel


def normals_panel(frame: PreviewFrame, size: tuple[int, int]) -> Image.Image:
    """World-frame normals as colours; a grey plate where they are not known."""
    if frame.normals is None:
        return _plate(size, "normals are not part of this dataset")
    return Image.fromarray(normal_colors(frame.normals)).resize(size, Image.Resampling.BILINEAR)


def depth_range(depth: NDArray[np.float32]) -> tuple[float, float]:
    """Nearest depth and 98th percentile [m] of what was measured, so that one far wall does not flatten the rest."""
    measured = depth[np.isfinite(depth)]
    if measured.size == 0:
        return 0.0, 1.0
    near, far = float(measured.min()), float(np.percentile(measured, 98))
    return near, max(far, near + 1e-3)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's built-in typeface: the sheet looks the same on every machine."""
    return ImageFont.load_default(size)


def _corners(item: PreviewObject, scale: float) -> Box:
    left, top, width, height = (value * scale for value in item.box)
    return left - 1, top - 1, left + max(width, 4), top + max(height, 4)


def _rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of the mask with a neighbour (of four) outside it."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    rim: NDArray[np.bool_] = mask & ~inside
    return rim


def _label(
    draw: ImageDraw.ImageDraw, text: str, box: Box, color: Color, size: tuple[int, int], taken: list[Box]
) -> None:
    """Write a class name on a plate at the first free place: above the box, inside it at the top, below it."""
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font(_LABEL_SIZE))
    width, height = right - left + 8, bottom - top + 6
    x = min(max(box[0], 0), size[0] - width)
    places = [box[1] - height, box[1] + 2, box[3], box[3] - height - 2]
    plates = [(x, y, x + width, y + height) for y in places if 0 <= y <= size[1] - height]
    if not plates:
        return
    plate = next((one for one in plates if not any(_overlap(one, other) for other in taken)), None)
    if plate is None:
        # A crowd: a name on top of another would make both unreadable, and the box's colour tells the class.
        return
    taken.append(plate)
    draw.rounded_rectangle(plate, radius=3, fill=color)
    draw.text((plate[0] + 4 - left, plate[1] + 3 - top), text, font=font(_LABEL_SIZE), fill=text_color(color))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale_bar(panel: Image.Image, near: float, far: float) -> None:
    """Draw the colour scale with its figures into the strip along the right border."""
    width, height = panel.size
    left = width - SCALE_WIDTH + 10
    ramp = np.linspace(near, far, height, dtype=np.float32)[:, None].repeat(_BAR_WIDTH, axis=1)
    panel.paste(Image.fromarray(depth_colors(ramp, near, far)), (left, 0))
    draw = ImageDraw.Draw(panel)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = round(share * (height - 1))
        value = near + share * (far - near)
        draw.line((left + _BAR_WIDTH, y, left + _BAR_WIDTH + 4, y), fill=(200, 203, 208))
        # The first and the last figure stay inside the picture.
        anchor = "l" + ("a" if share == 0 else "d" if share == 1 else "m")
        text = f"{value:.2f}" if far < 10 else f"{value:.1f}"
        draw.text((left + _BAR_WIDTH + 8, y), text, font=font(_SCALE_SIZE), fill=(200, 203, 208), anchor=anchor)


def _plate(size: tuple[int, int], text: str) -> Image.Image:
    plate = Image.new("RGB", size, (38, 42, 48))
    ImageDraw.Draw(plate).text((size[0] / 2, size[1] / 2), text, font=font(16), fill=(150, 156, 164), anchor="mm")
    return plate
