"""``create``: the items of a spec as rep calls, in an order in which each finds what it refers to."""

from __future__ import annotations

from typing import Any

from replicator_dr.errors import AssetError
from replicator_dr.graph.assets import usd_files
from replicator_dr.graph.context import Built, material_value
from replicator_dr.graph.keypoints import chosen_joints, fixed_points
from replicator_dr.graph.lens import f_stop_of
from replicator_dr.graph.located import located
from replicator_dr.graph.physics import write_physics
from replicator_dr.graph.place import Place
from replicator_dr.graph.shaders import bind_created
from replicator_dr.optics.usd_names import attribute_of
from replicator_dr.plugins import Target
from replicator_dr.pool.camera import camera_prim
from replicator_dr.pool.usd_keypoints import write_keypoints
from replicator_dr.pool.usd_lens import write_lens
from replicator_dr.pool.usd_stereo import beside, write_pair
from replicator_dr.spec.cameras import Camera, Stereo
from replicator_dr.spec.existing import Existing
from replicator_dr.spec.items import Asset, FromRobot, FromUsd, Group, Item, Moving, Posed, Shape
from replicator_dr.spec.kinds import kind_word
from replicator_dr.spec.lenses import MODELS, Lens
from replicator_dr.spec.lights import Light
from replicator_dr.spec.materials import Material
from replicator_dr.spec.sensor import SENSOR_ATTRIBUTES
from replicator_dr.spec.spec import Spec
from replicator_dr.spec.ties import constants_in

APERTURE = 20.955
"""Replicator's horizontal aperture in mm."""

SHUTTER = "sensor:shutter"
MOTION_ATTRIBUTES = {"velocity": "physics:velocity", "angular_velocity": "physics:angularVelocity"}
"""Fields, and the attributes of UsdPhysicsRigidBodyAPI that they are written to."""
_LIGHT_SIZES = ("angle", "radius", "length", "width", "height")
_MATERIAL_INPUTS = ("diffuse", "diffuse_texture", "roughness", "metallic", "specular", "emissive_color")


def create_items(built: Built) -> None:
    """Make every item of the spec."""
    for name in creation_order(built.spec):
        with located(built.spec, "create", name):
            _create(built, name)


def _create(built: Built, name: str) -> None:
    item, maker = built.spec.create[name], _Maker(built, name)
    if isinstance(item, Material):
        built.materials[name] = maker.material(item)
    elif isinstance(item, Group):
        maker.group(item)
    else:
        handle = maker.existing(item) if isinstance(item, Existing) else maker.posed(item)
        prims = handle.get_output_prims()["prims"]
        paths = tuple(str(prim.GetPath()) for prim in prims)
        built.items[name] = Target(name, item.kind, handle, paths)


def creation_order(spec: Spec) -> list[str]:
    """The names of ``create``, each after those that it refers to, otherwise in the order of the spec.

    What is looked up on the stage comes first, so that a pattern finds nothing that the spec itself creates.
    """
    done: dict[str, None] = {name: None for name, item in spec.create.items() if isinstance(item, Existing)}

    def visit(name: str) -> None:
        if name in done:
            return
        for other in _needs(spec.create[name]):
            visit(other)
        done[name] = None

    for name in spec.create:
        visit(name)
    return list(done)


def _needs(item: Item) -> list[str]:
    if isinstance(item, Group):
        return list(item.items)
    look_at = getattr(item, "look_at", None)
    needs = [getattr(item, "parent", None), look_at if isinstance(look_at, str) else None]
    stereo = getattr(item, "stereo", None)
    needs.append(None if stereo is None else stereo.left)
    material = getattr(item, "material", None)
    needs += [name for name in constants_in(material) if isinstance(name, str)]
    return [str(name) for name in needs if name is not None]


class _Maker:
    """Makes one item. A field's distribution has its place at ``<item>.create.<field>``."""

    def __init__(self, built: Built, name: str) -> None:
        self.built = built
        self.rep = built.rep
        self.name = name

    def value(self, item: Item, field: str) -> Any:
        return self.built.lowering.value(getattr(item, field), self.place(field))

    def place(self, field: str) -> Place:
        return Place((self.name, "create", field))

    def given(self, item: Item, *fields: str) -> dict[str, Any]:
        """The lowered values of those fields that were given."""
        return {field: self.value(item, field) for field in fields if getattr(item, field) is not None}

    def posed(self, item: Item) -> Any:
        assert isinstance(item, Posed)
        common = self.given(item, "position", "rotation")
        if item.look_at is not None:
            named = isinstance(item.look_at, str) and item.look_at in self.built.items
            common["look_at"] = self.built.items[str(item.look_at)].paths[0] if named else self.value(item, "look_at")
        if item.parent is not None:
            common["parent"] = self.built.items[item.parent].paths[0]
        if isinstance(item, Asset):
            handle = self.asset(item, common)
        elif isinstance(item, Light):
            handle = self.light(item, common)
        elif isinstance(item, Camera):
            handle = self.camera(item, common) if item.stereo is None else self.right_eye(item, item.stereo)
        else:
            assert isinstance(item, Shape)
            handle = self.shape(item, common)
        if isinstance(item, Moving):
            for field, name in MOTION_ATTRIBUTES.items():
                for value in self.given(item, field).values():
                    self.rep.modify.attribute(name, value, attribute_type="vector3", input_prims=handle)
        return handle

    def existing(self, item: Existing) -> Any:
        """Prims of the stage. AssetError where none matches."""
        find = getattr(self.rep.get, item.kind.removeprefix("get_"))
        handle = find(**item.conditions())
        if not handle.get_output_prims()["prims"]:
            paths = [str(prim.GetPath()) for prim in self.built.stage.Traverse()]
            known = ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
            given = ", ".join(f"{name} {value!r}" for name, value in item.conditions().items())
            stage = getattr(self.built.spec.stage, "written", "that is open")
            message = f"create.{self.name}: {given} does not find {kind_word(item.kind)} on the stage {stage}"
            raise AssetError(f"{message}; on it are: {known or 'no prims'}")
        if item.semantics is not None:
            self.rep.modify.semantics(labels(item), mode="add", input_prims=handle)
        return handle

    def shape(self, item: Shape, common: dict[str, Any]) -> Any:
        make = getattr(self.rep.create, item.kind)
        handle = make(**common, **self.given(item, "scale"), semantics=labels(item), count=item.count, name=self.name)
        self.finish(item, handle)
        return handle

    def asset(self, item: Asset, common: dict[str, Any]) -> Any:
        files = usd_files(item, self.built.lowering.seed(self.place("files")), f"create.{self.name}")
        pose = {**common, **self.given(item, "scale")}
        options = {"semantics": labels(item), "name": self.name}
        if len(set(files)) == 1:
            handle = self.rep.create.from_usd(files[0], count=len(files), **options, **pose)
        else:
            if "parent" in pose:
                options["parent"] = pose.pop("parent")
            # One call a file, and one for the pose of them all: a distribution must draw for each copy.
            handle = self.rep.create.group([self.rep.create.from_usd(file, **options) for file in files])
            if pose:
                self.rep.modify.pose(**pose, input_prims=handle)
        self.finish(item, handle)
        if isinstance(item, FromRobot):
            self.robot(item, handle)
        elif isinstance(item, FromUsd):
            self.joints(item, handle)
        return handle

    def robot(self, item: FromRobot, handle: Any) -> None:
        """Labels and keypoints of links."""
        from replicator_dr.engines.embedded.robots.annotate import annotate_robot

        for prim in handle.get_output_prims()["prims"]:
            annotate_robot(
                self.built.stage, str(prim.GetPath()), item.links, item.keypoints_at,
                labels(item) or {}, item.keypoint_tolerance,
            )  # fmt: skip

    def joints(self, item: FromUsd, handle: Any) -> None:
        """Keypoints at the joints of skeletons."""
        from replicator_dr.engines.embedded.skeletons.annotate import annotate_skeletons

        for prim in handle.get_output_prims()["prims"]:
            annotate_skeletons(
                self.built.stage, str(prim.GetPath()), chosen_joints(item), item.keypoints is None,
                not item.skeleton, item.keypoint_tolerance,
            )  # fmt: skip

    def finish(self, item: Shape, handle: Any) -> None:
        """What every runtime's create call lacks for some of the kinds: size, visibility, material."""
        if item.size is not None:
            self.rep.modify.pose(size=self.value(item, "size"), input_prims=handle)
        if item.visible is not True:
            self.rep.modify.visibility(self.value(item, "visible"), input_prims=handle)
        points = fixed_points(item)
        if points or item.skeleton or item.keypoint_tolerance is not None:
            for prim in handle.get_output_prims()["prims"]:
                held = self.built.stage.GetPrimAtPath(str(prim.GetPath()))
                write_keypoints(held, points, item.skeleton, item.keypoint_tolerance)
        if item.physics is not None:
            for prim in handle.get_output_prims()["prims"]:
                write_physics(self.built.stage.GetPrimAtPath(str(prim.GetPath())), item.physics)
        if isinstance(item.material, str):
            bind_created(self.built.stage, handle, self.built.materials[str(item.material)])
        elif item.material is not None:
            chosen = material_value(self.built, item.material, self.place("material"))
            self.rep.modify.material(chosen, input_prims=handle)

    def light(self, item: Light, common: dict[str, Any]) -> Any:
        options = {
            **common,
            **self.given(item, "scale", "exposure", "texture"),
            "light_type": item.light_type,
            "color": self.value(item, "color"),
            "intensity": self.value(item, "intensity"),
            "temperature": self.value(item, "temperature"),
        }
        handle = self.rep.create.light(**options, count=item.count, name=self.name)
        for field, value in self.given(item, *_LIGHT_SIZES).items():
            self.rep.modify.attribute(f"inputs:{field}", value, input_prims=handle)
        if item.visible is not True:
            self.rep.modify.visibility(self.value(item, "visible"), input_prims=handle)
        if item.semantics is not None:
            self.rep.modify.semantics(labels(item), input_prims=handle)
        return handle

    def right_eye(self, item: Camera, stereo: Stereo) -> Any:
        """A copy of the left camera, below it and beside it; what varies has the left one's draws."""
        left = self.built.spec.create[stereo.left]
        assert isinstance(left, Camera)
        parent = self.built.items[stereo.left].paths[0]
        at = beside(self.built.stage, stereo.baseline)
        maker = _Maker(self.built, stereo.left)
        handle = maker.camera(left, {"parent": parent, "position": at}, self.name, item)
        (prim,) = handle.get_output_prims()["prims"]
        write_pair(self.built.stage, left=parent, right=str(prim.GetPath()))
        return handle

    def camera(
        self, item: Camera, common: dict[str, Any], name: str | None = None, labelled: Camera | None = None
    ) -> Any:
        """name, labelled: of the camera that is made, where it is another one that is made like this item."""
        lens = self.calibrated(item) if item.is_calibrated else self.given(item, "focal_length", "horizontal_aperture")
        options = {**common, **lens, **self.given(item, "clipping_range", "focus_distance")}
        options["f_stop"] = self.built.lowering.value(f_stop_of(self.built.stage, item.f_stop), self.place("f_stop"))
        handle = self.rep.create.camera(**options, count=item.count, name=name or self.name)
        if item.lens is not None:
            self.distort(item, item.lens, handle)
        if item.shutter != 0:
            self.attribute(handle, SHUTTER, item.shutter, self.place("shutter"))
        for field, name in SENSOR_ATTRIBUTES.items() if item.sensor is not None else ():
            if (value := getattr(item.sensor, field)) is not None:
                self.attribute(handle, name, value, Place((self.name, "create", "sensor", field)))
        if item.depth_sensor is not None:
            for field, name, value in item.depth_sensor.attributes():
                self.attribute(handle, name, value, Place((self.name, "create", "depth_sensor", field)))
        if (labelled or item).semantics is not None:
            self.rep.modify.semantics(labels(labelled or item), input_prims=handle)
        return handle

    def distort(self, item: Camera, lens: Lens, handle: Any) -> None:
        """Give created cameras a lens: an OmniLensDistortion schema, whose coefficients vary as attributes do."""
        model = MODELS[lens.model]
        values = {name: self.built.lowering.value(getattr(lens, name), self.place("lens").below(name))
                  for name in lens.given}  # fmt: skip
        fixed = {name: float(value) for name, value in values.items() if isinstance(value, (int, float))}
        for prim in handle.get_output_prims()["prims"]:
            seen = camera_prim(self.built.stage, str(prim.GetPath()))
            write_lens(seen, model, item.intrinsics, item.resolution or (0, 0), fixed)
        for name, value in values.items():
            if name not in fixed:
                self.rep.modify.attribute(attribute_of(model, name), value, input_prims=handle)

    def attribute(self, handle: Any, name: str, value: Any, place: Place) -> None:
        """A number of a camera that rep's create call has no argument for."""
        lowered = self.built.lowering.value(value, place)
        self.rep.modify.attribute(name, lowered, attribute_type="float", input_prims=handle)

    def calibrated(self, item: Camera) -> dict[str, Any]:
        """Lens arguments for fx, fy, cx, cy: a pinhole with offsets where pixels are square, OpenCV's otherwise.

        With a lens these are a pinhole's of the same focal length, for what does not know the lens.
        """
        assert item.resolution is not None
        width, height = item.resolution
        fx, fy, cx, cy = item.intrinsics
        if fy == fx or item.lens is not None:
            per_pixel = APERTURE / width
            return {
                "focal_length": fx * per_pixel,
                "horizontal_aperture": APERTURE,
                "horizontal_aperture_offset": (cx - width / 2) * per_pixel,
                "vertical_aperture_offset": (height / 2 - cy) * per_pixel,
            }
        return {
            "projection_type": "pinholeOpenCV",
            "openCV_focal_x": fx,
            "openCV_focal_y": fy,
            "fisheye_optical_centre_x": cx,
            "fisheye_optical_centre_y": cy,
            "fisheye_nominal_width": width,
            "fisheye_nominal_height": height,
        }

    def material(self, item: Material) -> Any:
        inputs = self.given(item, *_MATERIAL_INPUTS)
        intensity = self.value(item, "emissive_intensity")
        handle = self.rep.create.material_omnipbr(**inputs, emissive_intensity=intensity, semantics=labels(item))
        turned = self.given(item, "texture_scale", "texture_rotate")
        if turned:
            prims = handle.get_output_prims()["prims"]
            shaders = self.rep.get.prim_at_path([f"{prim.GetPath()}/Shader" for prim in prims])
            for field, value in turned.items():
                self.rep.modify.attribute(f"inputs:{field}", value, input_prims=shaders)
        return handle

    def group(self, item: Group) -> None:
        """Groups are taken apart above; what remains of one on the stage are its labels, added to its members."""
        if item.semantics is not None:
            members = [self.built.items[leaf].item for leaf in self.built.spec.leaves(*item.items)]
            self.rep.create.group(members, semantics=labels(item))


def labels(item: Item) -> dict[str, Any] | None:
    """Labels as rep takes them: {type: label} or {type: [labels]}."""
    if item.semantics is None:
        return None
    return {kind: list(values) if len(values) > 1 else values[0] for kind, values in item.semantics.items()}
