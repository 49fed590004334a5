"""randomizer.backdrop: a photograph behind the scene that fills a camera's view, whatever its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from pxr import Sdf, Usd, UsdGeom
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import things_of
from replicator_dr.engines.embedded.effects.attribute_effect import AttributeEffect
from replicator_dr.engines.embedded.effects.posing import PosingEffect, to_parent, write_angles
from replicator_dr.engines.embedded.effects.viewpoint import Viewpoint
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.scene.assets import existing_file
from replicator_dr.engines.embedded.scene.scene_parts import NO_SHADOW
from replicator_dr.engines.embedded.scene.shader_inputs import asset_path
from replicator_dr.engines.embedded.scene.transforms import euler_angles, rigid
from replicator_dr.engines.embedded.usd.authoring import wrappers
from replicator_dr.engines.embedded.usd.stage_materials import bind, define_omnipbr, set_shader_input, shader_of
from replicator_dr.engines.embedded.usd.stage_shapes import author_primitive

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

KIND = "randomizer.backdrop"
AS_TAKEN = 1000.0
"""Emission [nit] that shows a picture as it is."""
MARGIN = 1.02
"""The picture reaches this much beyond the image, so that its own border, where pictures repeat, does not show."""


class BackdropEffect(PosingEffect):
    """Stands upright in front of the camera, as large as its picture has to be. inputs: photos, distance."""

    reads_state = True
    drawn = drawn_once = ("distance",)

    def __init__(self, path: str, camera: str, aspect: float, inputs: dict[str, Any]) -> None:
        super().__init__(KIND, lambda: [path], inputs)
        self._camera_path, self._aspect = camera, aspect

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._camera = Viewpoint(plan, self._camera_path, self._aspect)
        shapes = []
        for photo in things_of(self.inputs["photos"], 1):
            with Image.open(existing_file(asset_path(photo), KIND)) as picture:
                shapes.append(picture.width / picture.height)
        self._shapes = np.array(shapes)

    @override
    def evaluate(self, firing: Firing) -> None:
        seen = self._camera.at(firing)
        distance = firing.numbers(self.inputs["distance"], 1, 1)[..., 0]
        shape = self._shapes[firing.picks(self.inputs["photos"], 1)[:, 0]]
        wide, high = (2.0 * MARGIN * distance * seen.half).T
        width = np.maximum(wide, high * shape)
        size = np.stack([width, width / shape, np.ones_like(width)], axis=-1)
        middle = seen.point(np.zeros_like(distance), np.zeros_like(distance), distance)
        parent = firing.parent_world(self._paths)
        turn = np.stack([seen.right, seen.up, -seen.forward], axis=-2)
        local = turn[:, None] @ np.swapaxes(rigid(parent)[..., :3, :3], -1, -2)
        firing.write("translate", self._columns, to_parent(middle, parent))
        write_angles(firing, self._columns, euler_angles(local))
        firing.write("scale", self._columns, size[:, None])


def backdrop(
    camera: str, photos: Any, distance: Any, intensity: Any = AS_TAKEN, aspect: float = 1.0, name: str | None = None
) -> ReplicatorItem:
    """A plane at a distance [m] along the camera's axis that shows a photograph, at 1000 nit as it was taken.

    It gives no light in rasterised images, throws no shadow, and the photograph is cut to the image, never stretched.
    """

    def author(stage: Usd.Stage, path: str, _: int) -> None:
        plane = author_primitive(stage, f"{path}/Plane", "Plane", 1.0 / UsdGeom.GetStageMetersPerUnit(stage))
        UsdGeom.PrimvarsAPI(plane).CreatePrimvar(NO_SHADOW, Sdf.ValueTypeNames.Bool).Set(True)

    item = wrappers(KIND, "Backdrop", {"name": name}, author)
    stage, path = current().stage, item.paths[0]
    material = define_omnipbr(stage, "Backdrop")
    shader = shader_of(material)
    inputs = {
        "diffuse_color_constant": (0.0, 0.0, 0.0),
        "specular_level": 0.0,
        "reflection_roughness_constant": 1.0,
        "enable_emission": True,
        "emissive_color": (1.0, 1.0, 1.0),
        "emissive_intensity": AS_TAKEN,
    }
    for key, value in inputs.items():
        set_shader_input(shader, key, value)
    bind(stage.GetPrimAtPath(f"{path}/Plane"), material)
    where = [str(material.GetPath())]
    make_item(AttributeEffect(KIND, lambda: where, {"name": "inputs:emissive_color_texture", "value": photos}))
    make_item(AttributeEffect(KIND, lambda: where, {"name": "inputs:emissive_intensity", "value": intensity}))
    make_item(BackdropEffect(path, camera, aspect, {"photos": photos, "distance": distance}))
    return item
