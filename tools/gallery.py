"""Make the pictures of the README's gallery: python -m tools.gallery [--samples N] [NAME...].

Every picture is an entry of PICTURES: a file name, what it shows, and a function that makes it from shots of specs
through the package's public interface. A new one is a few lines there; the README's section is written from that list.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from replicator_dr import build_graph, load_spec
from replicator_dr.run.preview_color import class_colors, depth_colors, normal_colors
from replicator_dr.run.preview_frame import PreviewFrame, PreviewObject
from replicator_dr.run.preview_panels import PAPER, boxes_panel, depth_range, font, instances_panel

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images" / "gallery"
BUDGET = 2.5e6
"""Bytes that all pictures may take together."""
WIDTH, GAP, CAPTION = 640, 8, 22
LABELS = (
    "rgb", "distance_to_image_plane", "normals", "instance_segmentation", "bounding_box_2d_tight",
    "bounding_box_2d_loose",
)  # fmt: skip

Overrides = tuple[str, ...]


@dataclass(frozen=True)
class Shot:
    """One frame of a scene, with what is changed in its spec."""

    scene: str
    frame: int
    overrides: Overrides = ()
    without: tuple[str, ...] = ()
    size: tuple[int, int] = (WIDTH, 480)

    def arrays(self, *overrides: str, annotators: Sequence[str] = ("rgb",)) -> dict[str, dict[str, Any]]:
        """{annotator: {"data": array, ...}} of the first render product."""
        resolution = f"render_products[0].resolution=[{self.size[0]}, {self.size[1]}]"
        spec = load_spec(
            ROOT / "scenes" / f"{self.scene}.yaml", (*self.overrides, resolution, *overrides), self.without
        )
        with build_graph(spec) as graph:
            return next(iter(graph.preview(self.frame, tuple(annotators)).values()))

    def image(self, *overrides: str) -> Image.Image:
        """The colour image, with further changes to the spec."""
        return Image.fromarray(self.arrays(*overrides)["rgb"]["data"][..., :3])


@dataclass(frozen=True)
class Picture:
    """A file of the gallery: its name, the words below it, and what makes it for a number of light paths a pixel."""

    name: str
    caption: str
    make: Callable[[int], Image.Image]


def beside(panels: Sequence[tuple[str, Image.Image]], columns: int) -> Image.Image:
    """Pictures of one size in rows, each with a line of text below."""
    width, height = panels[0][1].size
    rows = -(-len(panels) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) - GAP, rows * (height + CAPTION + GAP) - GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (text, panel) in enumerate(panels):
        x, y = number % columns * (width + GAP), number // columns * (height + CAPTION + GAP)
        sheet.paste(panel, (x, y))
        draw.text((x + 4, y + height + 3), text, font=font(14), fill=(220, 222, 226))
    return sheet


@cache
def labelled(shot: Shot) -> PreviewFrame:
    """A shot with everything that is known about it; boxes are those of the visible pixels."""
    found = shot.arrays(annotators=LABELS)
    ids: NDArray[np.uint32] = found["instance_segmentation"]["data"]
    tight = found["bounding_box_2d_tight"]
    instances = {path: number for number, path in found["instance_segmentation"]["idToLabels"].items()}
    objects = []
    for row, path in zip(tight["data"], tight["primPaths"], strict=True):
        left, top, right, bottom = (float(row[name]) for name in ("x_min", "y_min", "x_max", "y_max"))
        names = tight["idToLabels"][str(row["semanticId"])]
        objects.append(PreviewObject(
            category=names["class"], box=(left, top, right - left + 1, bottom - top + 1),
            mask=ids == int(instances[path]), visible_fraction=1.0 - float(row["occlusionRatio"]),
        ))  # fmt: skip
    return PreviewFrame(
        frame=shot.frame,
        product=shot.scene,
        rgb=np.ascontiguousarray(found["rgb"]["data"][..., :3]),
        depth=found["distance_to_image_plane"]["data"],
        normals=found["normals"]["data"][..., :3],
        objects=tuple(objects),
    )


def amodal_boxes(shot: Shot) -> Image.Image:
    """Each object's whole extent, hidden or not, dashed beside the box of what is seen."""
    frame = labelled(shot)
    colors = class_colors(item.category for item in frame.objects)
    picture = boxes_panel(frame, shot.size, colors)
    draw = ImageDraw.Draw(picture)
    loose = shot.arrays(annotators=("bounding_box_2d_loose",))["bounding_box_2d_loose"]
    for row in loose["data"]:
        category = loose["idToLabels"][str(row["semanticId"])]["class"]
        corners = [int(row[name]) for name in ("x_min", "y_min", "x_max", "y_max")]
        if category in colors:
            dashed(draw, corners, colors[category])
    return picture


def dashed(draw: ImageDraw.ImageDraw, corners: Sequence[int], color: tuple[int, int, int]) -> None:
    """The outline of a box in dashes of six pixels."""
    left, top, right, bottom = corners
    for start in range(left, right, 12):
        for y in (top, bottom):
            draw.line((start, y, min(start + 6, right), y), fill=color, width=2)
    for start in range(top, bottom, 12):
        for x in (left, right):
            draw.line((x, start, x, min(start + 6, bottom)), fill=color, width=2)


def depth_picture(frame: PreviewFrame) -> Image.Image:
    """Depth as colours, red is near."""
    assert frame.depth is not None
    return Image.fromarray(depth_colors(frame.depth, *depth_range(frame.depth)))


def normals_picture(frame: PreviewFrame) -> Image.Image:
    """Normals as colours."""
    assert frame.normals is not None
    return Image.fromarray(normal_colors(frame.normals))


# --------------------------------------------------------------------------------------------------------- the gallery

TABLE = Shot("tabletop", 6)
CROWD = Shot("tabletop", 7)
PARTS = Shot("parts", 3)
CAMERA = (
    "create.phone.camera={clipping_range: [0.05, 100], focal_length: 26, f_stop: %s, focus_distance: %s, sensor: %s}"
)
SEES = "triggers[0].randomize[11].camera={cameras: phone, shutter: 0}"
WIDE = Shot(
    "tabletop",
    7,
    (
        "create.phone.camera={fx: 190, resolution: [640, 480], clipping_range: [0.02, 100],"
        " lens: {model: opencv_fisheye, k1: -0.02, k2: 0.003}}",
        SEES,
        "triggers[0].randomize[10].orbit.distance=0.45",
    ),
    size=(480, 360),
)
"""The camera close to the table, with a fisheye of some 160 degrees."""
DOMES = ("studio", "hall", "venice")
DOME_OF = f"triggers[0].randomize[8].background.texture={ROOT}/scenes/assets/hdri/{{}}.hdr"


def traced(samples: int) -> Overrides:
    """What asks for path tracing."""
    return "renderer.mode=path_traced", f"renderer.samples_per_pixel={samples}", "renderer.max_bounces=4"


def both_renderers(shot: Shot) -> Callable[[int], Image.Image]:
    """The same frame drawn by the raster and by the path tracer."""

    def make(samples: int) -> Image.Image:
        panels = [("raster", shot.image()), (f"path traced, {samples} paths a pixel", shot.image(*traced(samples)))]
        return beside(panels, 2)

    return make


def labels(shot: Shot) -> Callable[[int], Image.Image]:
    """What comes with each image."""

    def make(_: int) -> Image.Image:
        frame = labelled(shot)
        panels = [
            ("boxes: of what is seen, and of the whole object (dashed)", amodal_boxes(shot)),
            ("instance masks", instances_panel(frame, shot.size)),
            ("depth", depth_picture(frame)),
            ("normals", normals_picture(frame)),
        ]
        return beside(panels, 2)

    return make


def domes(shot: Shot) -> Callable[[int], Image.Image]:
    """The same frame under several panoramas, and no other light."""

    def make(_: int) -> Image.Image:
        dimmer = "triggers[0].randomize[8].background.intensity=600"
        alone = Shot(shot.scene, shot.frame, (*shot.overrides, dimmer), ("lamp",), (480, 360))
        return beside([(name, alone.image(DOME_OF.format(name))) for name in DOMES], len(DOMES))

    return make


def fisheye(shot: Shot) -> Callable[[int], Image.Image]:
    """The same place through a fisheye, with its labels."""

    def make(_: int) -> Image.Image:
        frame = labelled(shot)
        panels = [
            ("fisheye", Image.fromarray(frame.rgb)),
            ("its masks", instances_panel(frame, shot.size)),
            ("its depth", depth_picture(frame)),
        ]
        return beside(panels, 3)

    return make


def focused(shot: Shot) -> Callable[[int], Image.Image]:
    """Depth of field: sharp near, sharp far, and what a sensor in the dark makes of it."""

    def make(_: int) -> Image.Image:
        cameras = {
            "f/1, focus at 0.75 m": ("1", "0.75", "{samples: 64}"),
            "f/1, focus at 1.2 m": ("1", "1.2", "{samples: 64}"),
            "ISO 1600, shot and read noise": ("0", "1", "{exposure: -4, iso: 1600, full_well: 20000, read_noise: 5}"),
        }
        return beside([(text, shot.image(CAMERA % numbers, SEES)) for text, numbers in cameras.items()], 3)

    return make


PICTURES = (
    Picture(
        "renderers", "Scanned objects on a table, drawn by the raster and by the path tracer.", both_renderers(TABLE)
    ),
    Picture("parts", "Twenty textured parts under a sun, both ways.", both_renderers(PARTS)),
    Picture("labels", "What comes with every image, exact to the pixel.", labels(CROWD)),
    Picture("fisheye", "A fisheye: masks, boxes and depth are exact in its own picture.", fisheye(WIDE)),
    Picture(
        "cameras",
        "Depth of field and the noise of a sensor; the labels stay the same.",
        focused(Shot("tabletop", 7, size=(480, 360))),
    ),
    Picture("domes", "One frame under three of the panoramas that come with the scenes.", domes(CROWD)),
)


def fragment() -> str:
    """The gallery as Markdown, for the README."""
    lines = ["## Gallery", "", "`make gallery` makes these pictures: [tools/gallery.py](tools/gallery.py).", ""]
    for picture in PICTURES:
        lines += [f"![{picture.caption}](docs/images/gallery/{picture.name}.jpg)", "", picture.caption, ""]
    return "\n".join(lines)


def update_readme(readme: Path) -> None:
    """Put the gallery between its two marks, or say where they belong."""
    begin, end = "<!-- gallery: begin -->", "<!-- gallery: end -->"
    text = readme.read_text()
    if begin not in text or end not in text:
        raise SystemExit(f"{readme} has no {begin} and {end}; put them where the gallery belongs")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    readme.write_text(pattern.sub(lambda _: f"{begin}\n{fragment().strip()}\n{end}", text))


def main() -> None:
    """Make all pictures, or those that are named, and the README's section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to make; all by default", metavar="NAME")
    parser.add_argument("--samples", type=int, default=256, help="light paths for each pixel of a path-traced picture")
    arguments = parser.parse_args()
    known = {picture.name: picture for picture in PICTURES}
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"no picture is called {', '.join(unknown)}; there are {', '.join(known)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or known:
        file = FOLDER / f"{name}.jpg"
        known[name].make(arguments.samples).save(file, quality=86, optimize=True, progressive=True)
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e3:.0f} kB")
    total = sum(file.stat().st_size for file in FOLDER.glob("*.jpg"))
    if total > BUDGET:
        raise SystemExit(f"the gallery takes {total / 1e6:.2f} MB, more than {BUDGET / 1e6:.1f} MB: lower the quality")
    update_readme(ROOT / "README.md")


if __name__ == "__main__":
    main()
