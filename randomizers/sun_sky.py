"""sun_sky: the sun and a clear sky, by time and place or by the sun's direction."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any, ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Elevation, Lights, Number, Numbers, Value, Varying
from replicator_dr.spec.distributions import Combine
from replicator_dr.spec.model import fault, faults

_BY_TIME = ("hour", "latitude", "day", "north")


class SunSky(RandomizerPlugin):
    """Set a distant light as the sun and a dome as the clear sky around it, alike in direction, colour and strength.

    The light is that of measurements: a sun of 95,000 lux in a sky of 17,000 at its height, 25,000 in 10,000 at 10
    degrees, red at the horizon, and twilight below it. On Isaac Sim in stepped mode, as Replicator has no such node.
    """

    family: ClassVar[str] = "lights"
    order: ClassVar[int] = 0

    sun: Lights = ()
    """Distant lights."""
    sky: Lights = ()
    """Domes, which get the picture of the sky; of a set for steps of the sun's elevation and the turbidity."""
    hour: Annotated[Value, Varying(Numbers(low=0, high=24, unit="h"))] | None = None
    """Solar time: at 12 the sun is highest."""
    latitude: Elevation | None = None
    """Degrees, north positive; 45 by default."""
    day: Annotated[Value, Varying(Numbers(low=1, high=366))] | None = None
    """Day of the year; 172 by default, the longest one in the north."""
    north: Number | None = None
    """Where north is: degrees from +X toward +Y; 90 by default, so that east is +X."""
    azimuth: Number | None = None
    """Degrees from +X toward +Y, of the sun; instead of the time."""
    elevation: Elevation | None = None
    """Degrees of the sun above the horizon, negative in twilight; instead of the time."""
    turbidity: Annotated[Value, Varying(Numbers(low=2, high=10))] = 3.0
    """How hazy the air is: 2 very clear, 3 clear, 6 warm and moist, 10 hazy."""
    exposure: Number = -5.0
    """Stops on the light of the real sun and sky: at -5 a camera without exposure of its own shows a clear day well."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_time = [name for name in _BY_TIME if getattr(self, name) is not None]
        by_angle = [name for name in ("azimuth", "elevation") if getattr(self, name) is not None]
        found = []
        if not self.sun and not self.sky:
            found.append(fault("nothing is lit", "give sun, a distant light, sky, a dome, or both"))
        if by_time and by_angle:
            message = f"{by_time[0]} and {by_angle[0]} exclude each other"
            found.append(fault(message, "give the time and place, or the direction", (by_angle[0],), True))
        elif self.hour is None and self.elevation is None:
            found.append(fault("nothing says where the sun is", "give hour, or elevation and azimuth"))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.sun_sky of our own; without a draw for each light: they belong together."""
        suns, skies = ([target.item for target in context.targets(name)] for name in ("sun", "sky"))
        rep.randomizer.sun_sky(
            position=self._position(context),
            turbidity=context.draw("turbidity"),
            exposure=context.draw("exposure"),
            suns=suns,
            skies=skies,
        )

    def _position(self, context: BuildContext) -> Any:
        if self.elevation is not None:
            azimuth = 0.0 if self.azimuth is None else self.azimuth
            if isinstance(azimuth, (int, float)) and isinstance(self.elevation, (int, float)):
                return (azimuth, self.elevation)
            return context.draw_value(Combine((azimuth, self.elevation)), "position")
        given: dict[str, Any] = {"latitude": 45.0, "day": 172.0, "north": 90.0}
        given |= {name: context.draw(name) for name in _BY_TIME if getattr(self, name) is not None}
        return context.own("sun_position", "position", **given)
