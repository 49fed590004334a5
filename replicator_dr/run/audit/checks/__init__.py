"""The checks, one question a file."""

from __future__ import annotations

from typing import Any

from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.checks.boxes import Boxes
from replicator_dr.run.audit.checks.checksums import Checksums
from replicator_dr.run.audit.checks.contents import Classes, Layout, Occlusion
from replicator_dr.run.audit.checks.depth import DepthRange, MaskDepth
from replicator_dr.run.audit.checks.draws import Draws
from replicator_dr.run.audit.checks.entries import Entries
from replicator_dr.run.audit.checks.exposure import Black, BlownOut
from replicator_dr.run.audit.checks.files import Files
from replicator_dr.run.audit.checks.fractions import Fractions
from replicator_dr.run.audit.checks.frames import Frames
from replicator_dr.run.audit.checks.ids import Ids
from replicator_dr.run.audit.checks.image_points import ImagePoints
from replicator_dr.run.audit.checks.mask_in_box import MaskInBox
from replicator_dr.run.audit.checks.overlap import Overlap
from replicator_dr.run.audit.checks.pose_depth import PoseDepth
from replicator_dr.run.audit.checks.repeats import Duplicates, Stale
from replicator_dr.run.audit.checks.unlisted import Unlisted

__all__ = ["ALL", "Entries"]

ALL: tuple[type[Check[Any]], ...] = (
    Entries, Ids, Files, Checksums, Unlisted, Frames,
    Black, BlownOut, Stale, Duplicates,
    Boxes, Overlap, Fractions, MaskDepth, DepthRange, ImagePoints, PoseDepth, MaskInBox,
    Draws, Classes, Layout, Occlusion,
)  # fmt: skip
"""Every check, in the order of the report."""
