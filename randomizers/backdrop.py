"""backdrop: photographs behind the scene."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import CameraName, NonNegative, Positive, Value, Varying
from replicator_dr.spec.distributions import Choice
from replicator_dr.spec.files import TEXTURE_SUFFIXES, File, FileNames


class Backdrop(RandomizerPlugin):
    """Fill a camera's view with a photograph, behind everything nearer than ``distance``.

    The photograph is shown as it was taken and cut to the image's shape, never stretched. It stands there as a plane:
    depth shows its distance, what is farther is hidden. It throws no shadow and gives no light, but for path tracing,
    where it shines. Runs after the camera is placed.

    Replicator has no such call: on Isaac Sim a spec with this entry runs in stepped mode.
    """

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
        photos = Choice(self.photos) if isinstance(self.photos, tuple) else self.photos
        rep.randomizer.backdrop(
            camera=camera.paths[0],
            photos=context.draw_value(photos, "photos", camera),
            distance=context.draw("distance", camera),
            intensity=context.draw("intensity", camera),
            aspect=context.aspect(camera),
        )
