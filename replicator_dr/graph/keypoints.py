"""What an item's keypoints are: points of its own, or joints of its skeletons."""

from __future__ import annotations

from replicator_dr.spec.items import FromUsd, Shape
from replicator_dr.spec.keypoints import Point
from replicator_dr.spec.skeletons import JOINTS


def fixed_points(item: Shape) -> dict[str, Point]:
    """Those that are points in the item's frame [m]."""
    given: object = item.keypoints
    named = given if isinstance(given, dict) else {}
    return {name: point for name, point in named.items() if not isinstance(point, str)}


def chosen_joints(item: FromUsd) -> dict[str, str] | None:
    """Those that are joints; None = all that there are, unless the asset has keypoints of its own."""
    if isinstance(item.keypoints, dict):
        return {name: joint for name, joint in item.keypoints.items() if isinstance(joint, str)}
    return None if item.keypoints is None or item.keypoints == JOINTS else {}
