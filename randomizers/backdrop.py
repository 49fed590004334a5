"""backdrop: photographs behind the scene."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Annotated, ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import CameraName, NonNegative, Positive, Value, Varying
from replicator_dr.spec.distributions import Choice, Sequence
from replicator_dr.spec.files import TEXTURE_SUFFIXES, File, FileNames


class Backdrop(RandomizerPlugin):
    """Fill a camera's view with a photograph, behind everything nearer than ``distance``.

    The photograph is shown as it was taken, its lightest tones rolled off as all highlights are, and cut to the image's
    shape, never stretched. It stands there as a plane:
    depth shows its distance, what is farther is hidden. It throws no shadow and gives no light, but for path tracing,
    where it shines. Runs after the camera is placed.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode.
    """

    family: ClassVar[str] = "textures"
    order: ClassVar[int] = 3

    camera: CameraName
    """Whose view is filled."""
    photos: Annotated[tuple[File, ...] | Value, Varying(FileNames("a photograph", TEXTURE_SUFFIXES))]
    """Files, or a pattern such as ``photos/*.jpg``, of which each frame takes one; or a distribution of files."""
    distance: Positive = 50.0
    """Metres along the camera's axis, within its clipping range."""
    intensity: NonNegative = 1000.0
    """Brightness in nit; 1000 shows the photograph as it was taken."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.backdrop."""
        camera = context.target(self.camera)
        rep.randomizer.backdrop(
            camera=camera.paths[0],
            photos=context.draw_value(flat(self.photos), "photos", camera),
            distance=context.draw("distance", camera),
            intensity=context.draw("intensity", camera),
            aspect=context.aspect(camera),
        )


def flat(photos: tuple[File, ...] | Value) -> Value:
    """The files one by one, where patterns stand for several: a pattern's weight is shared by its files."""
    if isinstance(photos, tuple):
        return Choice(photos)
    if isinstance(photos, Choice):
        weights = photos.weights or (1.0,) * len(photos.choices)
        pairs = [(file, weight / len(files)) for files, weight in zip(photos.choices, weights) for file in files]
        return replace(photos, choices=tuple(f for f, _ in pairs), weights=tuple(weight for _, weight in pairs))
    if isinstance(photos, Sequence):
        return replace(photos, items=tuple(file for files in photos.items for file in files))
    return photos
