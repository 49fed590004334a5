"""Patterns on materials: attributes of their shaders that are this project's own, and the renderer's arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, UsdShade

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.render.pattern_arrays import KINDS, PatternArrays

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

MAPPINGS = ("uv", "solid")

PATTERN_CHANNELS = {
    "pattern:kind": "pattern_kind",
    "pattern:mapping": "pattern_mapping",
    "pattern:scale": "pattern_scale",
    "pattern:rotation": "pattern_rotation",
    "pattern:offset": "pattern_offset",
    "pattern:amount": "pattern_amount",
    "pattern:softness": "pattern_softness",
    "pattern:octaves": "pattern_octaves",
    "pattern:color": "pattern_color",
    "pattern:roughness": "pattern_roughness",
    "pattern:metallic": "pattern_metallic",
}
"""Attributes of shaders and the channels that they fill; see render.pattern.PatternArrays."""

PATTERN_WORDS = {"pattern_kind": KINDS, "pattern_mapping": MAPPINGS}
"""Channels that hold the number of a word."""

PATTERN_REST: dict[str, Any] = {
    "pattern_kind": -1.0, "pattern_mapping": 1.0, "pattern_scale": (1.0, 1.0, 1.0), "pattern_rotation": (0.0, 0.0, 0.0),
    "pattern_offset": (0.0, 0.0, 0.0), "pattern_amount": 0.5, "pattern_softness": 0.0, "pattern_octaves": 4.0,
    "pattern_color": (-1.0, -1.0, -1.0), "pattern_roughness": -1.0, "pattern_metallic": -1.0,
}  # fmt: skip
"""No pattern; of a second look of which nothing is given the first stays."""


def read_pattern(shader: UsdShade.Shader) -> dict[str, Any]:
    """Values of the pattern channels."""
    values = dict(PATTERN_REST)
    for name, channel in PATTERN_CHANNELS.items():
        attribute = shader.GetPrim().GetAttribute(name) if shader else None
        if attribute and (value := attribute.Get()) is not None:
            words = PATTERN_WORDS.get(channel)
            values[channel] = value if words is None else float(words.index(value) if value in words else -1)
    return values


def write_pattern(shader: UsdShade.Shader, name: str, value: NDArray[np.float64]) -> None:
    """Author one of the attributes."""
    words, types = PATTERN_WORDS.get(PATTERN_CHANNELS[name]), Sdf.ValueTypeNames
    if words is not None:
        row = int(value[0])
        shader.GetPrim().CreateAttribute(name, types.Token, custom=True).Set(words[row] if row >= 0 else "")
    elif len(value) > 1:
        shader.GetPrim().CreateAttribute(name, types.Float3, custom=True).Set(tuple(map(float, value)))
    else:
        shader.GetPrim().CreateAttribute(name, types.Float, custom=True).Set(float(value[0]))


def pattern_arrays(plan: Plan, tables: Tables) -> PatternArrays | None:
    """The renderer's patterns; None where no material has one."""
    if not (tables["pattern_kind"] >= 0).any():
        return None
    rows = [plan.materials.index[path] for path in plan.patterns.index]
    frames, materials = len(tables["pattern_kind"]), len(plan.materials)

    def of(name: str, dtype: Any = np.float32) -> NDArray[Any]:
        rest = np.atleast_1d(PATTERN_REST[f"pattern_{name}"])
        table = np.tile(rest, (frames, materials, 1)).astype(dtype)
        table[:, rows] = tables[f"pattern_{name}"]
        return table if len(rest) > 1 else table[..., 0]

    return PatternArrays(
        kind=of("kind", np.int32),
        solid=of("mapping") > 0,
        scale=of("scale"),
        rotation=of("rotation"),
        offset=of("offset"),
        amount=of("amount"),
        softness=of("softness"),
        octaves=of("octaves", np.int32),
        color=of("color"),
        roughness=of("roughness"),
        metallic=of("metallic"),
    )
