"""Add a randomizer of one's own: a class whose fields are its YAML.

Run it: python examples/02_custom_randomizer.py
"""

from __future__ import annotations

from types import ModuleType

from replicator_dr import build_graph
from replicator_dr.plugins import BuildContext, RandomizerPlugin, register_randomizer
from replicator_dr.spec import Number, Prims


# In a package an entry point makes it known; in a script the decorator does.
@register_randomizer
class Stagger(RandomizerPlugin):
    """Lift prims off the ground and tilt them about X."""

    prims: Prims
    """What is moved."""
    height: Number = 0.5
    """Metres above the ground, a constant or a distribution."""
    tilt: Number = 0.0
    """Degrees, a constant or a distribution."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """Make the rep calls; they run each time the trigger fires."""
        for target in context.targets("prims"):
            # context.draw gives each draw a stable seed of its own: frames can be made alone, in any order.
            rep.modify.pose(
                position_z=context.draw("height", target),
                rotation_x=context.draw("tilt", target),
                input_prims=target.item,
            )


spec = {
    "name": "staggered",
    "create": {
        "cones": {"cone": {"count": 3}, "semantics": {"class": "cone"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000}},
        "eye": {"camera": {"position": [4, 4, 3], "look_at": [0, 0, 0.5]}},
    },
    "triggers": [
        {
            "on_frame": {},
            # The class name in snake_case is the name in the spec. Mistyped keys are reported as for any other.
            "randomize": [{"stagger": {"prims": "cones", "height": {"uniform": [0, 1]}, "tilt": {"normal": [0, 20]}}}],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
}

with build_graph(spec) as graph:
    for batch in graph.frames(4):
        for name, values in batch["draws"].items():
            print(name, values.round(2).tolist())
