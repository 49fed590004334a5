"""``build_graph`` and :class:`Graph`: a spec on a runtime of its own, ready to run, step, stream or preview."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError, OutputError, UnsupportedError
from replicator_dr.graph.build import build
from replicator_dr.plugins import WriterPlugin
from replicator_dr.rep import inside_isaac_sim
from replicator_dr.spec import Spec, load_spec

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.engines.embedded.state import FrameState, Scene
    from replicator_dr.engines.embedded.statistics import Committed, RunStatistics

PREVIEW = (
    "rgb",
    "distance_to_image_plane",
    "normals",
    "semantic_segmentation",
    "instance_segmentation",
    "bounding_box_2d_tight",
    "bounding_box_2d_loose",
    "bounding_box_3d",
    "camera_params",
)
"""The annotators that :meth:`Graph.preview` gives."""

STREAM = ("rgb", "distance_to_image_plane", "instance_segmentation")
"""The annotators that :meth:`Graph.frames` gives unless others are named."""


def build_graph(
    spec: Spec | str | Path | Mapping[str, Any],
    *,
    overrides: Iterable[str] = (),
    without: Iterable[str] = (),
    device: str | None = None,
) -> Graph:
    """Compile a spec, a YAML file or a dict with the same content.

    overrides, without: as for :func:`load_spec`; not for a spec that is loaded already. device: ``"cpu"`` or
    ``"cuda:0"``; by default the first CUDA device, else the CPU. Raises SpecError, AssetError, UnsupportedError.
    """
    if isinstance(spec, Spec):
        if tuple(overrides) or tuple(without):
            raise TypeError("overrides and without change a spec while it is loaded; give them to load_spec")
        return Graph(spec, device)
    return Graph(load_spec(spec, overrides, without), device)


class Graph:
    """A spec on a runtime of its own. Use it in a ``with`` block, or call :meth:`close`.

    spec: what it was made from. products: its render products, in the order of the spec. Every frame is a pure
    function of the spec and its number: :meth:`run`, :meth:`step`, :meth:`frames` and :meth:`preview` show the same.
    """

    def __init__(self, spec: Spec, device: str | None = None) -> None:
        if inside_isaac_sim():
            raise UnsupportedError("graphs inside Isaac Sim are not available yet; run outside of it")
        from replicator_dr.engines.embedded.runtime import Runtime, activate

        self.spec = spec
        self._activate: Callable[[Runtime], AbstractContextManager[Runtime]] = activate
        self._runtime = Runtime()
        self._runtime.products.device = device
        self._writers: list[Any] = []
        self._attached: tuple[str, ...] | None = None
        self._stepping = False
        with self._active() as rep:
            self.products: list[Any] = build(rep, spec)

    def _active(self) -> _Active:
        return _Active(self._activate(self._runtime))

    @property
    def stage(self) -> Usd.Stage:
        """The USD stage: Z up, metres. ``graph.stage.Export("scene.usda")`` keeps it."""
        return self._runtime.stage

    @property
    def scene(self) -> Scene:
        """What stays the same from frame to frame: meshes, textures, label tables, the order of prims and cameras."""
        with self._active():
            return self._runtime.scene()

    @property
    def writers(self) -> list[Any]:
        """The rep writers that are attached now; they are made when something is first written."""
        return list(self._writers)

    @property
    def output_dirs(self) -> list[Path]:
        """Where the last :meth:`run` or :meth:`step` wrote, or the next one will, one folder for each writer."""
        return [Path(folder) for folder in self._attached or self._folders(None)]

    def run(
        self,
        n_frames: int,
        start: int = 0,
        output_dir: str | Path | None = None,
        *,
        batch: int | None = None,
        workers: int | None = None,
        overwrite: bool = False,
        listener: Callable[[Committed], None] | None = None,
    ) -> RunStatistics:
        """Write frames ``start`` .. ``start + n_frames - 1`` with every writer of the spec.

        output_dir: instead of the writers' own; with several writers, the folder above one for each. batch: frames
        rendered together; workers: threads; neither changes the result. overwrite: delete what is in the folders.
        listener: called after each commit. Raises OutputError where a folder cannot be written.
        """
        from replicator_dr.engines.embedded import pipeline

        if n_frames < 0 or start < 0:
            raise EngineError(f"frames {start} to {start + n_frames - 1} do not exist; count from 0 upwards")
        if not self.spec.writers:
            raise EngineError("the spec has no writers, so nothing would be kept; add some, or use frames()")
        with self._active() as rep:
            self._stepping = False
            self._attach(rep, output_dir, overwrite)
            return pipeline.run(self._runtime, n_frames, start, batch, workers, listener)

    def step(self) -> None:
        """Make the next frame: it is authored on the stage, rendered, and given to every writer."""
        with self._active() as rep:
            if not self._stepping:
                self._attach(rep, None, False)
                self._stepping = True
            rep.orchestrator.step()

    def finish(self) -> None:
        """End a stepped session: writers finish their files, and the next step is frame 0 again."""
        with self._active() as rep:
            rep.orchestrator.wait_until_complete()
            self._stepping = False

    def frames(
        self, n_frames: int, start: int = 0, batch: int = 16, annotators: Sequence[str] = STREAM
    ) -> Iterator[dict[str, Any]]:
        """Frames as arrays, in batches, without touching the disk.

        Gives {product name: {annotator: (B, ...) array}, "frames": (B,) int64, "draws": {name: (B, n, k) array}}.
        """
        from replicator_dr.engines.embedded import pipeline

        batches = pipeline.stream(self._runtime, n_frames, start, annotators, batch)
        while True:
            # The runtime is active only while a batch is made, so that the caller may use other graphs in between.
            with self._active():
                arrays = next(batches, None)
            if arrays is None:
                return
            yield arrays

    def preview(self, frame: int = 0, annotators: Sequence[str] = PREVIEW) -> dict[str, dict[str, Any]]:
        """One frame, nothing written: {product name: {"camera", "resolution", annotator: {"data": ..., ...}}}."""
        import numpy as np

        from replicator_dr.engines.embedded.capture_plan import plan_for
        from replicator_dr.engines.embedded.payload import payload
        from replicator_dr.engines.embedded.stage_clock import StageClock

        with self._active() as rep:
            runtime = self._runtime
            chosen = [rep.annotators.get(name) for name in annotators]
            plan = plan_for(self.products, [(product, annotators) for product in self.products])
            scene = runtime.scene()
            state = runtime.evaluate(np.array([frame], dtype=np.int64))
            captured = plan.capture(runtime.products.renderer(scene), scene, state, StageClock(), runtime.seed)
            products: dict[str, dict[str, Any]] = payload(captured, 0, chosen, "renderProduct")["renderProducts"]
            return products

    def sample(self, frames: int | Sequence[int]) -> FrameState:
        """What varies at those frames, nothing rendered: poses, materials, lights, cameras, labels and draws.

        frames: their numbers, in any order.
        """
        import numpy as np

        with self._active():
            return self._runtime.evaluate(np.atleast_1d(np.asarray(frames, dtype=np.int64)))

    def close(self) -> None:
        """Detach the writers and let go of the scene."""
        with self._active():
            self._detach()

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def dataset_info(self) -> dict[str, Any]:
        """Plain JSON about what is written: name, seed, the resolved spec with its digest, and versions."""
        return {
            "name": self.spec.name,
            "description": self.spec.description,
            "seed": self.spec.seed,
            "spec": self.spec.resolved(),
            "spec_hash": self.spec.digest(),
            "versions": _versions(),
        }

    def _folders(self, output_dir: str | Path | None) -> tuple[str, ...]:
        plugins = [_plugin(entry.writer) for entry in self.spec.writers]
        if output_dir is None:
            return tuple(os.path.abspath(plugin.output_dir) for plugin in plugins)
        base = Path(output_dir).absolute()
        if len(plugins) == 1:
            return (str(base),)
        kinds = [entry.kind for entry in self.spec.writers]
        return tuple(str(base / (kind if kinds.count(kind) == 1 else f"{kind}_{i}")) for i, kind in enumerate(kinds))

    def _attach(self, rep: Any, output_dir: str | Path | None, overwrite: bool) -> None:
        self._detach()
        folders = self._folders(output_dir)
        if len(set(folders)) < len(folders):
            raise OutputError(f"two writers share the folder {folders[0]}; give each an output_dir of its own")
        if overwrite:
            for folder in folders:
                _delete_dataset(Path(folder))
        info = self.dataset_info()
        for entry, folder in zip(self.spec.writers, folders):
            plugin = _plugin(entry.writer).model_copy(update={"output_dir": folder})
            writer = plugin.build(rep, info)
            writer.attach(self.products)
            self._writers.append(writer)
        self._attached = folders

    def _detach(self) -> None:
        for writer in self._writers:
            writer.detach()
        self._writers.clear()
        self._attached = None


class _Active:
    """The runtime made current for a block; gives ``rep``."""

    def __init__(self, activation: AbstractContextManager[Any]) -> None:
        self._activation = activation

    def __enter__(self) -> Any:
        self._activation.__enter__()
        from replicator_dr.engines.embedded.own_distributions import register
        from replicator_dr.rep import rep

        register(rep)
        return rep

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._activation.__exit__(kind, error, trace)


def _plugin(writer: object) -> WriterPlugin:
    assert isinstance(writer, WriterPlugin)
    return writer


def _delete_dataset(folder: Path) -> None:
    """Remove an earlier dataset. Raises OutputError for a folder that holds other things, so that none are lost."""
    if not folder.is_dir():
        return
    if any(folder.iterdir()) and not any((folder / name).exists() for name in ("manifest.json", "journal.jsonl")):
        raise OutputError(f"{folder} is not empty and holds no dataset; it is not deleted, choose another folder")
    shutil.rmtree(folder)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("replicator_dr", "numpy", "warp-lang", "usd-core"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
