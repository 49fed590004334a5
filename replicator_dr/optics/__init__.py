"""How a lens maps directions to pixels and back: NumPy only, for the renderer, the annotators, the pool and writers."""

from replicator_dr.optics.lens import Lens
from replicator_dr.optics.models import COEFFICIENTS, ROOM, LensModel

__all__ = ["COEFFICIENTS", "ROOM", "Lens", "LensModel"]
