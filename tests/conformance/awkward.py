"""A scene of awkward things, each with a name that says what it is: a stage, and a spec on top of it.

The camera stands 3.2 m above the plane z = 0 and looks down, +X to the right and +Y up. Frame 0 is that view, frame 1
shows nothing, frame 2 is nearer, so that borders cut other things, and frame 3 looks at everything askance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conformance.shapes import DISTANCE, FOCAL, HEIGHT, WIDTH, Flat, frame, rect

PART = {"class": ("part",)}
TOOL = {"class": ("hand tool",)}
FRAMES = 4
EMPTY_FRAME = 1

THINGS: tuple[Flat, ...] = (
    # Borders.
    Flat("corner", "part", (rect(-10, -10, 20, 20),), PART),
    Flat("touches_top", "part", (rect(50, 0, 20, 10),), PART),
    Flat("touches_left", "hand tool", (rect(0, 50, 12, 20),), TOOL),
    Flat("touches_right", "part", (rect(308, 50, 12, 20),), PART),
    Flat("touches_bottom", "part", (rect(10, 228, 20, 12),), PART),
    Flat("larger_than_the_image", "part", (rect(-400, -400, 1120, 1040),), PART, above=-1.6),
    Flat("beside_the_image", "part", (rect(1000, 100, 20, 20),), PART),
    Flat("behind_the_camera", "part", (rect(150, 110, 20, 20),), PART, above=10.0),
    # Shapes.
    Flat("ring", "part", frame(90, 10, 20, 5), PART),
    Flat(
        "sieve",
        "hand tool",
        (*frame(125, 5, 30, 6), rect(131, 17, 18, 6), rect(137, 11, 6, 6), rect(137, 23, 6, 6)),
        TOOL,
    ),
    Flat("one_pixel", "part", (rect(180, 20, 1, 1),), PART),
    Flat("three_parts", "part", (rect(202, 4, 8, 8), rect(215, 14, 8, 8), rect(228, 26, 8, 8)), PART, parts=3),
    Flat("wire_across", "part", (rect(242, 20, 36, 1),), PART),
    Flat("wire_down", "part", (rect(220, 42, 1, 36),), PART),
    Flat("wire_finer_than_a_pixel", "hand tool", (rect(282, 20.3, 36, 0.4),), TOOL),
    Flat("wire_between_centres", "part", (rect(282, 30.6, 36, 0.3),), PART),
    Flat("wire_slanted", "part", (((243.1, 43.3), (243.1, 43.9), (277.2, 76.8), (277.2, 76.2)),), PART),
    Flat("corners_touch", "part", (rect(85, 85, 10, 10), rect(95, 95, 10, 10)), PART),
    Flat("comb", "hand tool", (rect(125, 85, 30, 4), *(rect(125 + 7 * k, 89, 2, 20) for k in range(5))), TOOL),
    Flat("speck", "part", (((140.2, 183.4), (140.3, 183.7), (140.8, 183.6), (140.7, 183.3)),), PART),
    # One in front of another.
    Flat("hides_all", "part", (rect(45, 45, 30, 30),), PART, above=0.4),
    Flat("hidden", "part", (rect(50, 50, 20, 20),), PART),
    Flat("hidden_to_70_percent", "part", (rect(85, 50, 20, 10),), PART),
    Flat("hides_70_percent", "hand tool", (rect(91, 45, 20, 20),), TOOL, above=0.2),
    Flat("cut_in_two", "part", (rect(122, 55, 36, 8),), PART),
    Flat("bar", "hand tool", (rect(136, 45, 8, 30),), TOOL, above=0.2),
    Flat("nest", "part", (rect(165, 45, 30, 30),), PART),
    Flat("egg", "hand tool", (rect(175, 55, 10, 10),), TOOL, above=0.1, parent="nest"),
    Flat("neighbour", "part", (rect(205, 125, 15, 30),), PART),
    Flat("other_neighbour", "part", (rect(220, 125, 15, 30),), PART),
    # Transformations and instances.
    Flat("original", "part", (rect(5, 85, 6, 30), rect(11, 109, 18, 6)), PART),
    Flat("mirrored", "part", (rect(69, 85, 6, 30), rect(51, 109, 18, 6)), PART, mirrored=True),
    # Labels.
    Flat("two_labels", "part", (rect(170, 90, 20, 20),), {"class": ("part", "spare")}),
    Flat("family", "hand tool", (rect(205, 85, 12, 30),), TOOL),
    Flat("heir", "hand tool", (rect(222, 85, 12, 30),), {"color": ("red",)}, parent="family"),
    Flat("unlabelled", None, (rect(250, 90, 20, 20),)),
    Flat("labelled_by_colour", None, (rect(290, 90, 20, 20),), {"color": ("red",)}),
    # Keypoints: seen, hidden, and outside the image.
    Flat("sticker", "part", (rect(165, 125, 10, 10),), PART, above=0.2),
    Flat(
        "plate",
        "hand tool",
        (rect(165, 125, 30, 30),),
        TOOL,
        keypoints={"middle": (180.25, 140.25), "corner": (168.25, 128.25)},
    ),
    Flat(
        "plate_on_the_border",
        "hand tool",
        (rect(45, 225, 30, 30),),
        TOOL,
        keypoints={"middle": (60.25, 232.25), "corner": (60.25, 250.25)},
    ),
)
ASSETS = tuple(
    Flat(name, category, (rect(40 * k + 10, 128, 20, 24),), {})
    for k, (name, category) in enumerate([("asset", "part"), ("asset_again", "part"), ("asset_renamed", "hand tool")])
)
"""Instances of one file, which names their class; the last has another."""
FLAT = (*THINGS, *ASSETS)

CATEGORIES = ("hand tool", "part")
SOLID = {"cube": "part", "ball": "hand tool", "slab": "part", "torus": "part"}
"""{item of the spec: category}: solids, whose images are not known beforehand."""


def write_stage(folder: Path) -> Path:
    """The stage of all flat things, and the file that three of them are instances of."""
    from pxr import Gf, Usd, UsdGeom

    from tests.conformance.prims import add_asset_instance, add_thing

    asset = Usd.Stage.CreateNew(str(folder / "asset.usda"))
    UsdGeom.SetStageMetersPerUnit(asset, 1.0)
    UsdGeom.SetStageUpAxis(asset, UsdGeom.Tokens.z)
    model = Flat("Asset", "part", (rect(WIDTH / 2 - 10, HEIGHT / 2 - 12, 20, 24),), PART)
    asset.SetDefaultPrim(add_thing(asset, "/Asset", model, Gf.Vec3d(0)))
    asset.Save()
    stage = Usd.Stage.CreateNew(str(folder / "awkward.usda"))
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/World").GetPrim())
    for thing in THINGS:
        add_thing(stage, path_of(thing), thing, None)
    for thing in ASSETS:
        add_asset_instance(stage, path_of(thing), thing, "./asset.usda")
    camera = UsdGeom.Camera.Define(stage, "/World/Eye")
    UsdGeom.Xformable(camera).AddTranslateOp().Set(Gf.Vec3d(0, 0, DISTANCE))
    camera.CreateFocalLengthAttr(FOCAL / WIDTH)
    camera.CreateHorizontalApertureAttr(1.0)
    camera.CreateClippingRangeAttr(Gf.Vec2f(0.01, 100))
    stage.Save()
    return folder / "awkward.usda"


def path_of(thing: Flat) -> str:
    """A thing's prim."""
    return f"/World/{thing.parent}/{thing.name}" if thing.parent else f"/World/{thing.name}"


def category_of(path: str) -> str | None:
    """The category of a labelled prim, by this module's own table."""
    known = {path_of(thing): thing.category for thing in FLAT}
    known.update({f"/Replicator/{name}": category for name, category in SOLID.items()})
    return known[path]


def spec(stage: Path, writers: list[dict[str, Any]]) -> dict[str, Any]:
    """The scene with four solids, a camera that moves, and these writers."""
    places = [[0, 0, DISTANCE], [1000, 0, DISTANCE], [-0.1013, 0.4523, 1.6], [0.1, -2.3, 2.4]]
    turns = [[0, 0, 0], [0, 0, 0], [0, 0, 0], [42, 3, 8]]
    return {
        "name": "awkward",
        "seed": 3,
        "stage": str(stage),
        "create": {
            "cube": {"cube": {"size": 0.16, "position": [-1.4, -0.6, 0], "rotation": [20, 30, 40]},
                     "semantics": {"class": "part"},
                     "keypoints": {"middle": [0, 0, 0], "corner": [0.5, 0.5, 0.5]}},
            "ball": {"sphere": {"size": 0.2, "position": [-1.0, -0.6, 0]}, "semantics": {"class": "hand tool"}},
            "slab": {"cube": {"size": [0.3, 0.2, 0.02], "position": [-0.6, -0.6, 0.1], "rotation": [40, 50, 0]},
                     "semantics": {"class": "part"}},
            "torus": {"torus": {"size": 0.3, "position": [0.0, -0.6, 0.1], "rotation": [50, 0, 0]},
                      "semantics": {"class": "part"}},
            "sun": {"light": {"light_type": "dome", "intensity": 800}},
            "eye": {"get_camera": {"path_pattern": "^/World/Eye$"}},
        },
        "triggers": [
            {
                "on_frame": {},
                "randomize": [
                    {"pose": {"prims": "eye", "position": {"sequence": places}, "rotation": {"sequence": turns}}}
                ],
            }
        ],
        "render_products": [{"cameras": "eye", "resolution": [WIDTH, HEIGHT]}],
        "writers": writers,
    }  # fmt: skip
