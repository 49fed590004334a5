"""Evaluation of a compiled graph away from its stage, so that other processes can sample frames."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.evaluation import state_of, values
from replicator_dr.engines.embedded.nodes import NodeGraph
from replicator_dr.engines.embedded.products import ProductPool
from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.engines.embedded.scene.texture_table import TextureTable
from replicator_dr.render.scene import SceneArrays

_LEFT_OUT = (AssetCache, NodeGraph, ProductPool, SceneArrays, TextureTable)


@dataclass(frozen=True)
class Sampler:
    """What ``Runtime.evaluate`` does, as a value."""

    plan: Plan
    seed: int

    def __call__(self, frames: NDArray[np.int64]) -> FrameState:
        """The state at each frame, (B,)."""
        return state_of(values(self.plan, self.seed, frames))


class _Packer(cloudpickle.Pickler):
    """Leaves out what only compiling and rendering need: the stage, the graph around the nodes, meshes and pictures."""

    def persistent_id(self, thing: Any) -> str | None:
        left_out = isinstance(thing, _LEFT_OUT) or type(thing).__module__.startswith("pxr.")
        return type(thing).__name__ if left_out else None


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> None:
        del pid


def packed(sampler: Sampler) -> bytes:
    """As bytes for another process, closures and classes of the script included.

    Raises what pickling raises where the graph holds something that cannot be sent.
    """
    content = io.BytesIO()
    _Packer(content, pickle.HIGHEST_PROTOCOL).dump(sampler)
    return content.getvalue()


def unpacked(content: bytes) -> Sampler:
    """The same sampler again."""
    sampler: Sampler = _Unpacker(io.BytesIO(content)).load()
    return sampler
