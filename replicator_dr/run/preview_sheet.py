"""The contact sheet: a row per image, a column per kind of label, captions, and the classes' colours at the foot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from replicator_dr.errors import OutputError
from replicator_dr.run.preview_color import Color, class_colors
from replicator_dr.run.preview_frame import PreviewFrame
from replicator_dr.run.preview_panels import (
    PAPER,
    SCALE_WIDTH,
    boxes_panel,
    depth_panel,
    font,
    instances_panel,
    normals_panel,
)

_FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"optimize": True},
    ".jpg": {"quality": 88, "optimize": True},
    ".jpeg": {"quality": 88, "optimize": True},
    ".webp": {"quality": 88},
}
_INK: Color = (240, 241, 243)
_FAINT: Color = (148, 154, 163)
MARGIN = 32
GAP = 12
_TITLE = 26
_HEADING = 17
_CAPTION = 15


@dataclass(frozen=True)
class SheetTitle:
    """The two lines over a sheet: what it is, and where it comes from."""

    heading: str
    detail: str = ""


def contact_sheet(frames: Sequence[PreviewFrame], title: SheetTitle, panel_width: int = 480) -> Image.Image:
    """Draw the sheet.

    Args:
        frames: the rows, at least one; images of several sizes may be mixed.
        title: what stands above.
        panel_width: width of each of the pictures [pixels]; their height follows from the image.

    Returns:
        An RGB picture; columns are the image with boxes, instances, depth and, where any row has them, normals.

    """
    with_normals = any(frame.normals is not None for frame in frames)
    columns = ["Image, boxes and classes", "Instance masks", "Depth [m]", *(["Normals"] if with_normals else [])]
    colors = class_colors(item.category for frame in frames for item in frame.objects)
    heights = [round(panel_width * frame.size[1] / frame.size[0]) for frame in frames]
    # The depth column is wider by its scale.
    places = [MARGIN + number * (panel_width + GAP) + (SCALE_WIDTH if number > 2 else 0) for number in range(4)]
    width = places[len(columns) - 1] + panel_width + (0 if with_normals else SCALE_WIDTH) + MARGIN
    legend = _legend_rows(frames, width - 2 * MARGIN)
    head = MARGIN + _TITLE + 10 + _CAPTION + 26 + _HEADING + 10
    row_extra = _CAPTION + 10 + 18
    foot = (len(legend) * 26 + 8 if legend else 0) + MARGIN - 10
    sheet = Image.new("RGB", (width, head + sum(heights) + row_extra * len(frames) + foot), PAPER)
    draw = ImageDraw.Draw(sheet)

    draw.text((MARGIN, MARGIN), title.heading, font=font(_TITLE), fill=_INK)
    draw.text((MARGIN, MARGIN + _TITLE + 12), title.detail, font=font(_CAPTION), fill=_FAINT)
    for place, name in zip(places, columns):
        draw.text((place, head - _HEADING - 10), name, font=font(_HEADING), fill=_INK)

    y = head
    for frame, height in zip(frames, heights):
        size = (panel_width, height)
        panels = [boxes_panel(frame, size, colors), instances_panel(frame, size), depth_panel(frame, size)]
        if with_normals:
            panels.append(normals_panel(frame, size))
        for place, panel in zip(places, panels):
            sheet.paste(panel, (place, y))
        draw.text((MARGIN, y + height + 8), _caption(frame), font=font(_CAPTION), fill=_FAINT)
        y += height + row_extra

    for row in legend:
        _draw_legend_row(draw, row, y, colors)
        y += 26
    return sheet


def save_sheet(sheet: Image.Image, path: Path) -> None:
    """Write the sheet in the format of the path's suffix. OutputError where that cannot be done."""
    if path.suffix.lower() not in _FORMATS:
        raise OutputError(f"{path}: a sheet is written as {', '.join(_FORMATS)}; give a name that ends so")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path, **_FORMATS[path.suffix.lower()])
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; choose another place with -o") from error


def _caption(frame: PreviewFrame) -> str:
    objects = len(frame.objects)
    parts = [f"frame {frame.frame}", frame.product, f"{frame.size[0]} x {frame.size[1]}"]
    parts.append(f"{objects} labelled object{'' if objects == 1 else 's'}" if objects else "no labelled object in view")
    return "   |   ".join(part for part in parts if part)


def _legend_rows(frames: Sequence[PreviewFrame], width: int) -> list[list[tuple[str, int, int]]]:
    """Class names with their counts, broken into rows: (text's class, count, x offset) each."""
    counts = Counter(item.category for frame in frames for item in frame.objects)
    rows: list[list[tuple[str, int, int]]] = []
    x = 0
    for name in sorted(counts):
        length = 24 + int(font(_CAPTION).getlength(f"{name} {counts[name]}")) + 26
        if not rows or x + length > width:
            rows.append([])
            x = 0
        rows[-1].append((name, counts[name], x))
        x += length
    return rows


def _draw_legend_row(
    draw: ImageDraw.ImageDraw, row: list[tuple[str, int, int]], y: int, colors: dict[str, Color]
) -> None:
    for name, count, offset in row:
        x = MARGIN + offset
        draw.rounded_rectangle((x, y + 1, x + 15, y + 16), radius=3, fill=colors[name])
        draw.text((x + 24, y), name, font=font(_CAPTION), fill=_INK)
        draw.text((x + 24 + font(_CAPTION).getlength(f"{name} "), y), str(count), font=font(_CAPTION), fill=_FAINT)
