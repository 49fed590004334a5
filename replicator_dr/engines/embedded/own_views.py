"""Randomizers and distributions for lights and cameras that Replicator lacks, as graph functions."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.draws.view_distributions import Drift, Zone
from replicator_dr.engines.embedded.effects.focus_effect import FocusEffect
from replicator_dr.engines.embedded.effects.path_effect import PathEffect
from replicator_dr.engines.embedded.effects.pose_effect import CylinderEffect
from replicator_dr.engines.embedded.effects.shake_effect import ShakeEffect
from replicator_dr.engines.embedded.effects.sun_sky_effect import SunPosition, SunSkyEffect
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.targets import paths_of, targets


def zone(lower: float, upper: float, seed: int | None = None, name: str | None = None) -> ReplicatorItem:
    """Elevations [degrees], even over the area of a sphere between two of them."""
    return make_distribution(Zone("distribution.zone", {"lower": lower, "upper": upper}, seed, name))


def drift(std: Any, smooth: int = 0, seed: int | None = None, name: str | None = None) -> ReplicatorItem:
    """Normal numbers around 0 that change smoothly, in steps of ``smooth`` firings; 0: independent."""
    return make_distribution(Drift("distribution.drift", {"std": std, "smooth": smooth}, seed, name))


def sun_position(
    hour: Any, latitude: Any, day: Any, north: Any = 90.0, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """Azimuth and elevation of the sun [degrees] by solar time, latitude and day of the year."""
    inputs = {"hour": hour, "latitude": latitude, "day": day, "north": north}
    return make_distribution(SunPosition("distribution.sun_position", inputs, seed, name))


def orbit_cylinder(
    barycentre: Any,
    radius: Any,
    azimuth: Any,
    height: Any,
    look_at_barycentre: bool = True,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Place prims on an upright cylinder about a point or prims: height from there, azimuth from +X toward +Y."""
    kind = "randomizer.orbit_cylinder"
    inputs = {
        "barycentre": barycentre,
        "radius": radius,
        "azimuth": azimuth,
        "height": height,
        "look_at_barycentre": look_at_barycentre,
    }
    return make_item(CylinderEffect(kind, targets(kind, input_prims), inputs))


def follow_path(
    points: Sequence[Any],
    along: Any = 0.0,
    frames: int | None = None,
    closed: bool = False,
    smooth: bool = False,
    look_at: Any = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Place prims on a path, at a share of its length or in ``frames`` firings; they look ahead or at a target."""
    kind = "randomizer.follow_path"
    inputs = {"points": points, "along": along, "frames": frames, "closed": closed, "smooth": smooth}
    return make_item(PathEffect(kind, targets(kind, input_prims), {**inputs, "look_at": look_at}))


def shake(rotation: Any = 0.0, position: Any = 0.0, input_prims: Any = None) -> ReplicatorItem:
    """Turn prims about their own axes [degrees] and shift them along these [m], from the poses that they have."""
    kind = "randomizer.shake"
    return make_item(ShakeEffect(kind, targets(kind, input_prims), {"rotation": rotation, "position": position}))


def focus(target: Any, offset: Any = 0.0, input_prims: Any = None) -> ReplicatorItem:
    """Focus cameras on a point or on prims, or so many metres behind them."""
    kind = "randomizer.focus"
    return make_item(FocusEffect(kind, targets(kind, input_prims), {"target": target, "offset": offset}))


def sun_sky(
    position: Any, turbidity: Any = 3.0, exposure: Any = 0.0, suns: Any = None, skies: Any = None
) -> ReplicatorItem:
    """Set distant lights as the sun and domes as the clear sky. position: azimuth and elevation [degrees]."""
    inputs = {"position": position, "turbidity": turbidity, "exposure": exposure}
    return make_item(SunSkyEffect("randomizer.sun_sky", lambda: paths_of(suns), lambda: paths_of(skies), inputs))


def register(rep: ModuleType) -> None:
    """Make them known to the API."""
    make_known(rep.distribution, zone, drift, sun_position)
    make_known(rep.randomizer, orbit_cylinder, follow_path, shake, focus, sun_sky)
