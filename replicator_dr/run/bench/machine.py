"""What figures are measured on: processor, threads, memory, device, versions of everything that matters."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import replicator_dr
from replicator_dr.run.doctor import cpu_threads

PACKAGES = (
    "numpy", "warp-lang", "usd-core", "isal", "pillow", "pycocotools", "newton", "mujoco", "mitsuba", "pybullet",
)  # fmt: skip
"""Packages whose version may move a figure."""


def machine() -> dict[str, Any]:
    """The computer, as plain JSON. memory_gigabytes is 0 where the system does not say."""
    return {
        "processor": processor(),
        "threads": cpu_threads(),
        "memory_gigabytes": round(_memory() / 1e9, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def processor() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """{package: version} of ours, Python's and those of the libraries that are installed."""
    found = {"replicator_dr": replicator_dr.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def chosen_device(wanted: str | None) -> str:
    """The Warp device that a run uses: "cpu" or "cuda:0". wanted: "cpu", "cuda", ... or None, the GPU if any."""
    import warp as wp

    from replicator_dr.errors import EngineError
    from replicator_dr.render.start import start_warp

    start_warp()
    if wanted == "cpu" or (wanted is None and not wp.is_cuda_available()):
        return "cpu"
    known = [str(one.alias) for one in wp.get_devices()]
    device = "cuda:0" if wanted in (None, "cuda") else str(wanted)
    if device not in known:
        raise EngineError(f"there is no device {wanted!r} here; devices are: {', '.join(known)}")
    return device


def device_name(device: str) -> str:
    """What the device is sold as. device: a Warp device."""
    import warp as wp

    return processor() if device == "cpu" else str(wp.get_device(device).name)


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 0
