"""What all randomizers that place things have in common: derive from ``Placing`` to add one."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Number, Prims
from replicator_dr.spec.zones import Zones

Limit = tuple[float | None, float | None, float | None]


class Placing(RandomizerPlugin):
    """Things placed one after the other, in the order of ``create``, each at its first free place."""

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    prims: Prims
    """What is placed."""
    no_coll_prims: Prims | None = None
    """What else is to be avoided."""
    collision: Literal["hull", "mesh", "none"] = "hull"
    """How things are kept apart: by their convex hulls, by their triangles (slower; things may reach into hollows), or
    not at all."""
    clearance: float = Field(default=0.0, ge=0)
    """Least distance between things in metres."""
    tries: int = Field(default=512, ge=1, le=100000)
    """Places that are tried for each thing."""
    no_room: Literal["error", "hide", "overlap"] = "error"
    """What happens to a thing that finds no place: an error, or it is hidden, or it overlaps others; both with a
    warning, and with their number in each frame among the draws, as `parts.scatter_3d.no_room`."""
    keep_out: Zones = ()
    """Zones that no part of a thing enters: `{box: [[x, y, z], [x, y, z]]}`, `{sphere: [x, y, z, radius]}`, names."""
    in_view: Cameras | None = None
    """Cameras in whose image the whole box of each thing has to be, as they stand when the entry runs: after the
    cameras of its trigger."""
    margin: float = Field(default=0.0, ge=0, lt=0.5)
    """Share of the image's width and height that has to stay free at its borders, for `in_view`."""
    offset: float = 0.0
    """Metres above what things stand on."""
    stand: bool = True
    """Lift each thing so that its lowest point touches what it stands on; false puts its origin there."""
    spin: Number | None = None
    """Degrees about the vertical, in addition to the orientation that a thing has."""

    @property
    @override
    def moment(self) -> int:
        """After the cameras where a camera has to see the things."""
        return self.order if self.in_view is None else 3

    def rules(self, context: BuildContext) -> dict[str, Any]:
        """What every call of ours takes beside its own arguments."""
        targets = context.targets("prims")
        zones = [list(context.target(zone).paths) if isinstance(zone, str) else dict(zone) for zone in self.keep_out]
        views = [(path, size) for camera in context.targets("in_view") for path, size in context.images(camera)]
        return {
            "input_prims": [target.item for target in targets],
            "seeds": [context.seed("places", target) for target in targets],
            "spins": [context.draw("spin", target) for target in targets],
            "no_coll_prims": [path for target in context.targets("no_coll_prims") for path in target.paths] or None,
            "collision": self.collision,
            "clearance": self.clearance,
            "tries": self.tries,
            "no_room": self.no_room,
            "record": context.record_name("no_room") if self.no_room != "error" else None,
            "keep_out": zones,
            "in_view": views,
            "margin": self.margin,
            "offset": self.offset,
            "stand": self.stand,
        }
