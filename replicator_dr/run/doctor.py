"""What a machine has and lacks for generating data: findings, each with a remedy where something is wrong."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "note", "fault"]

BASE_PACKAGES = ("msgspec", "numpy", "pydantic", "pyyaml", "pycocotools", "typer", "rich")
EMBEDDED_PACKAGES = ("warp-lang", "usd-core", "isal", "pillow", "trimesh")
_OLDEST_PYTHON = (3, 10)
_LEAST_FREE = 2_000_000_000
_PLUGIN_GROUPS = {"randomizers": "replicator_dr.randomizers", "writers": "replicator_dr.writers"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. remedy: what to do, empty where all is well."""

    topic: str
    name: str
    value: str
    state: State = "ok"
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at this machine; the order is that of the report."""
    yield from _python()
    yield from _packages("base packages", BASE_PACKAGES, "pip install replicator_dr")
    isaac_sim = isaac_sim_present()
    if not isaac_sim:
        yield from _packages("embedded runtime", EMBEDDED_PACKAGES, "pip install 'replicator_dr[embedded]'")
    yield from _plugins()
    yield from _runtime(isaac_sim)
    yield from _device()
    yield from _disk()


def isaac_sim_present() -> bool:
    """Whether omni.replicator.core can be imported here: true only in a Python that Isaac Sim started."""
    try:
        return importlib.util.find_spec("omni.replicator.core") is not None
    except (ImportError, ValueError):
        return False


def cpu_threads() -> int:
    """How many logical processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _python() -> Iterator[Finding]:
    old = sys.version_info[:2] < _OLDEST_PYTHON
    yield Finding(
        "python",
        "version",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "fault" if old else "ok",
        "use Python 3.10 or newer" if old else "",
    )
    yield Finding("python", "executable", sys.executable)


def _packages(topic: str, names: tuple[str, ...], install: str) -> Iterator[Finding]:
    for name in names:
        try:
            yield Finding(topic, name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(topic, name, "missing", "fault", install)


def _plugins() -> Iterator[Finding]:
    for kind, group in _PLUGIN_GROUPS.items():
        names = sorted(point.name for point in importlib.metadata.entry_points(group=group))
        if names:
            yield Finding("plugins", kind, f"{len(names)}: {', '.join(names)}")
        else:
            yield Finding(
                "plugins", kind, "none found", "fault", "install the project, so that its entry points exist: make demo"
            )


def _runtime(isaac_sim: bool) -> Iterator[Finding]:
    if isaac_sim:
        yield Finding("runtime", "would be used", "Isaac Sim (omni.replicator.core)")
        try:
            version = importlib.metadata.version("usd-core")
        except importlib.metadata.PackageNotFoundError:
            return
        yield Finding(
            "runtime", "usd-core", version, "fault", "pip uninstall usd-core: it clashes with Isaac Sim's own pxr"
        )
    else:
        yield Finding("runtime", "would be used", "embedded (OpenUSD and Warp; no Isaac Sim here)")


def _device() -> Iterator[Finding]:
    yield Finding("device", "CPU threads", str(cpu_threads()))
    if importlib.util.find_spec("warp") is None:
        return
    import warp

    from replicator_dr.render.start import start_warp

    start_warp()
    if warp.is_cuda_available():
        for device in warp.get_cuda_devices():
            memory = device.total_memory / 1e9
            yield Finding("device", str(device.alias), f"{device.name}, {memory:.0f} GB")
    else:
        yield Finding("device", "CUDA", "none; rendering runs on the CPU threads")
    from replicator_dr.engines.embedded.scene.mesh_import import cache_folder

    yield Finding("caches", "converted meshes", str(cache_folder()))
    folder = Path(warp.config.kernel_cache_dir)
    ours = sorted(folder.glob("wp_replicator_dr*")) if folder.is_dir() else []
    yield Finding("caches", "Warp kernels", f"{folder}")
    if ours:
        yield Finding("caches", "compiled", f"{len(ours)} kernel modules of ours")
    else:
        yield Finding("caches", "compiled", "not yet", "note", "the first run compiles them once, about a minute")


def _disk() -> Iterator[Finding]:
    for name, folder in (("current folder", Path.cwd()), ("temporary folder", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        short = free < _LEAST_FREE
        yield Finding(
            "disk",
            name,
            f"{folder}: {free / 1e9:.1f} GB free",
            "note" if short else "ok",
            "a thousand 640x480 images with depth take about 0.5 GB: free some space, or use --output elsewhere"
            if short
            else "",
        )
