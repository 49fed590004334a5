"""The renderers that are compared, ours first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from replicator_dr.run.bench.peers.mitsuba_direct import MitsubaDirect
from replicator_dr.run.bench.peers.mujoco_offscreen import MuJoCoOffscreen
from replicator_dr.run.bench.peers.newton_camera import NewtonCamera
from replicator_dr.run.bench.peers.ours import NAME, Ours
from replicator_dr.run.bench.peers.protocol import Peer
from replicator_dr.run.bench.peers.pybullet_tiny import PyBulletTiny

PEERS: dict[str, Callable[[], Peer]] = {
    NAME: Ours,
    "newton": NewtonCamera,
    "mujoco": MuJoCoOffscreen,
    "pybullet": PyBulletTiny,
    "mitsuba_scalar": partial(MitsubaDirect, "scalar_rgb"),
    "mitsuba_llvm": partial(MitsubaDirect, "llvm_ad_rgb"),
    "mitsuba_cuda": partial(MitsubaDirect, "cuda_ad_rgb"),
}
"""{name of its files: how it is made}."""
