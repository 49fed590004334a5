"""Shapes, assets and groups: what ``create`` makes besides lights, cameras and materials.

A distribution given here is drawn once, before frame 0, as Replicator does; what varies from frame to frame stands
under ``triggers``.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails
from typing_extensions import Self

from replicator_dr.spec.files import MESH_SUFFIXES, ROBOT_SUFFIXES, USD_SUFFIXES, File, FileNames
from replicator_dr.spec.keypoints import Keypoints, Skeleton, unknown_bones
from replicator_dr.spec.kinds import POSABLE, SHAPES
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.physics import Physics
from replicator_dr.spec.references import Reference
from replicator_dr.spec.robots import WHOLE, KeypointsAt, Links
from replicator_dr.spec.skeletons import SkeletalKeypoints
from replicator_dr.spec.types import MaterialName, PrimName, Scale3, Semantics, Size3, Target, Truth, Vector3
from replicator_dr.spec.varying import Value, Varying


def own_place(position: Value | None, look_at: Value | None) -> list[InitErrorDetails]:
    """The fault of looking at where one is, from which no direction follows."""
    if not isinstance(position, tuple) or position != look_at:
        return []
    return [fault("look_at is the position itself, so that there is no direction", "move one of them", ("look_at",))]


class Item(Model):
    """Anything that ``create`` makes."""

    kind: ClassVar[str]

    semantics: Semantics | None = None
    """Labels, such as ``{class: mug}``; they name the object in all annotations."""


class Posed(Item):
    """An item with copies and a pose."""

    count: int = Field(default=1, ge=1, le=100_000)
    """How many copies."""
    position: Vector3 | None = None
    """Metres, in the world or in the parent."""
    rotation: Vector3 | None = None
    """Degrees about X, then Y, then Z."""
    look_at: Target | None = None
    """A point [m] or an item toward which local -Z turns; instead of a rotation."""
    parent: PrimName | None = None
    """The item below which this one is placed and with which it moves."""

    @model_validator(mode="after")
    def _one_orientation(self) -> Self:
        if self.rotation is not None and self.look_at is not None:
            raise faults([fault("rotation and look_at exclude each other", "keep one of them", ("look_at",), True)])
        if found := own_place(self.position, self.look_at):
            raise faults(found)
        return self


class Moving(Posed):
    """An item that may move while the shutter of a camera is open."""

    velocity: Vector3 | None = None
    """Metres a second, along the axes of the world or the parent: blurred by cameras with a shutter."""
    angular_velocity: Vector3 | None = None
    """Degrees a second about these axes, through the item's origin."""


class Shape(Moving):
    """A primitive that measures 1 m along each axis before it is scaled."""

    scale: Scale3 | None = None
    """Factor, one for all axes or three."""
    size: Size3 | None = None
    """Extent in metres, instead of a scale: one for the largest extent, or one an axis."""
    visible: Truth = True
    """Whether it is seen by cameras."""
    material: MaterialName | None = None
    """A created material."""
    keypoints: Keypoints | None = None
    """Named points in the item's own frame [m], before scale and size, for the annotator ``keypoints``. Assets may
    carry keypoints of their own."""
    skeleton: Skeleton = ()
    """Bones between keypoints, as pairs of their names."""
    keypoint_tolerance: float | None = Field(default=None, ge=0)
    """How far [m, in the item's own frame] the item's surface may lie in front of a keypoint that counts as visible:
    more for joints inside of it. By default 2 % of its diagonal."""
    physics: Physics | None = None
    """What it is made of, written on the stage as UsdPhysics: ``{}`` for a rigid body with all defaults."""

    @model_validator(mode="after")
    def _one_scale(self) -> Self:
        if self.scale is not None and self.size is not None:
            raise faults([fault("scale and size exclude each other", "keep one of them", ("size",), True)])
        return self

    @model_validator(mode="after")
    def _bones_of_keypoints(self) -> Self:
        # An asset may carry further keypoints of its own, which show when its stage is compiled.
        if found := unknown_bones(self.skeleton, self.keypoints or ()) if not isinstance(self, Asset) else []:
            raise faults(found)
        return self


class Plane(Shape):
    """A square of 1 m in the XY plane, facing up."""

    kind = "plane"


class Cube(Shape):
    """A cube of 1 m around its origin."""

    kind = "cube"


class Sphere(Shape):
    """A sphere of 1 m diameter around its origin."""

    kind = "sphere"


class Cylinder(Shape):
    """A closed cylinder of 1 m diameter and height around its origin, along Z."""

    kind = "cylinder"


class Cone(Shape):
    """A closed cone of 1 m base diameter and height around its origin, along Z."""

    kind = "cone"


class Torus(Shape):
    """A torus of 1 m outer diameter around Z."""

    kind = "torus"


class Disk(Shape):
    """A disk of 1 m diameter in the XY plane, facing up."""

    kind = "disk"


UsdFiles = Annotated[tuple[File, ...] | Value, Varying(FileNames("a USD asset", USD_SUFFIXES))]
RobotFiles = Annotated[tuple[File, ...] | Value, Varying(FileNames("a robot", ROBOT_SUFFIXES))]
MeshFiles = Annotated[tuple[File, ...] | Value, Varying(FileNames("a mesh", MESH_SUFFIXES))]


class Asset(Shape):
    """Copies of files: the copies take the files of a list or pattern in turn, or draw one each from a choice."""

    count: int | None = Field(default=None, ge=1, le=100_000)  # type: ignore[assignment]
    """How many copies; by default 1, or one of each file of a list or pattern."""


class FromUsd(Asset):
    """USD assets (usd, usda, usdc, usdz), referenced as they are."""

    kind = "from_usd"
    usd: UsdFiles
    """A file, a list of files, a pattern such as ``assets/*.usda``, or a choice among files."""
    keypoints: SkeletalKeypoints | None = None  # type: ignore[assignment]
    """``joints``: at those of the asset's skeletons (UsdSkel), as where nothing is said and the asset has no keypoints
    yet; ``none``: nothing is added; or names with joints, or with points in the item's own frame [m], before scale and
    size."""

    @property
    def files(self) -> object:
        """The files, whatever the field is called."""
        return self.usd


class FromMesh(Asset):
    """Meshes (obj, glb, ply, stl), converted to USD with their textures and kept in the user's cache folder."""

    kind = "from_mesh"
    mesh: MeshFiles
    """A file, a list of files, a pattern such as ``meshes/*.glb``, or a choice among files."""
    up_axis: str = Field(default="auto", pattern="^(auto|Y|Z)$")
    """The file's up axis: Y, Z, or auto (Y for glb, as its standard says; Z for the others)."""
    meters_per_unit: float = Field(default=1.0, gt=0)
    """Metres that one unit of the file stands for (0.001 for millimetres)."""

    @property
    def files(self) -> object:
        """The files, whatever the field is called."""
        return self.mesh


class FromRobot(Asset):
    """Robots, links and joints, from URDF, MJCF (xml) or USD with UsdPhysics joints; ``joints`` moves them.

    URDF and MJCF are converted to USD and kept in the user's cache folder, which takes MuJoCo, the extra ``physics``.
    """

    kind = "from_robot"
    robot: RobotFiles
    """A file, a list of files, a pattern such as ``robots/*.urdf``, or a choice among files."""
    links: Links = WHOLE
    """What is an object of its own: ``whole``, the robot; ``labelled``, each link, its name being its class; or classes
    by names or patterns of links, the first that fits, the others being the robot's."""
    keypoints_at: KeypointsAt = "joints"
    """Where keypoints are: at joints, named after them, with bones along the tree; at the sites of MJCF; at both."""

    @property
    def files(self) -> object:
        """The files, whatever the field is called."""
        return self.robot


class Group(Item):
    """A name for several items; what randomizes a group randomizes each of them."""

    kind = "group"
    items: Annotated[tuple[str, ...], Reference(POSABLE, empty=True)]
    """Names of items or of other groups."""


SHAPE_MODELS: tuple[type[Shape], ...] = (Plane, Cube, Sphere, Cylinder, Cone, Torus, Disk)
assert tuple(model.kind for model in SHAPE_MODELS) == SHAPES
