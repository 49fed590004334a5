"""What was drawn for a frame as flat columns, a value each, for tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

AXES = "xyzw"
"""Names of up to four components, red, green and blue of colours too; further ones are numbered, all of them."""


def draw_columns(draws: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """{column: (B,) array} of B frames' draws, {distribution: (B, n, k) numbers, or (B, n) other things}.

    What has one value a frame, (B,), as the number of attempts with ``require``, keeps its name.

    Columns are called after the distribution, the sample (one for each prim, in the order of the prims) and the
    component: ``boxes.pose.position[0].x``; without the last where there is one: ``boxes.pose.size[0]``. They are those
    of every frame of a spec, in its order.
    """
    columns: dict[str, NDArray[Any]] = {}
    for name, values in draws.items():
        if values.ndim == 1:
            columns[name] = values
            continue
        for sample in range(values.shape[1]):
            place = f"{name}[{sample}]"
            if values.ndim == 2:
                columns[place] = values[:, sample]
            else:
                width = values.shape[2]
                columns |= {
                    place + suffix(component, width): values[:, sample, component] for component in range(width)
                }
    return columns


def flat_draws(draws: Mapping[str, Any]) -> dict[str, Any]:
    """The same for one frame, {distribution: (n, k) numbers, (n,) other things, or one value}, as arrays or lists."""
    columns: dict[str, Any] = {}
    for name, given in draws.items():
        values = given.tolist() if isinstance(given, np.ndarray) else given
        if not isinstance(values, list):
            columns[name] = _number(values)
            continue
        for sample, own in enumerate(values):
            place = f"{name}[{sample}]"
            if not isinstance(own, list):
                columns[place] = _number(own)
                continue
            for component, value in enumerate(own):
                columns[place + suffix(component, len(own))] = _number(value)
    return columns


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else value


def frame_value(column: NDArray[Any], frame: int) -> Any:
    """One frame's value: numbers as floats, other things (texts, paths as texts) as they are."""
    value = column[frame]
    return float(value) if column.dtype.kind in "biuf" else value


def suffix(component: int, width: int) -> str:
    """What a component of a sample of so many is called behind it."""
    if width == 1:
        return ""
    return f".{AXES[component]}" if width <= len(AXES) else f".{component}"
