"""``build_graph`` and :class:`Graph`: a spec on a runtime, ready to run, step, stream or preview."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from replicator_dr.errors import EngineError, OutputError
from replicator_dr.graph.open_session import open_session
from replicator_dr.plugins import WriterPlugin
from replicator_dr.spec import Spec, load_spec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pxr import Usd

    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.engines.embedded.loop.statistics import Committed, RunStatistics
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene
    from replicator_dr.graph.drawn import DrawnFrame

T = TypeVar("T")

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
    engine: str | None = None,
    mode: str | None = None,
) -> Graph:
    """Compile a spec, a YAML file or a dict with the same content.

    overrides, without: as for :func:`load_spec`; not for a spec that is loaded already. device: ``"cpu"`` or
    ``"cuda:0"`` for the embedded runtime; by default the first CUDA device, else the CPU. engine: ``"embedded"`` or
    ``"isaacsim"``; by default Isaac Sim where it is running, else the embedded runtime. mode: ``"graph"`` or
    ``"stepped"`` on Isaac Sim, instead of the spec's. Raises SpecError, AssetError, UnsupportedError, EngineError.
    """
    if isinstance(spec, Spec):
        if tuple(overrides) or tuple(without):
            raise TypeError("overrides and without change a spec while it is loaded; give them to load_spec")
        return Graph(spec, device, engine, mode)
    return Graph(load_spec(spec, overrides, without), device, engine, mode)


_FRAMES = 10**9
"""Numbers of frames lie below this, so that ids of objects are whole numbers in JSON, below 2^53."""


class Graph:
    """A spec on a runtime. Use it in a ``with`` block, or call :meth:`close`.

    spec: what it was made from. engine: "embedded" or "isaacsim". mode: "graph", or "stepped" where draws are applied
    frame by frame (Isaac Sim only). Every frame of the embedded runtime and of stepped mode is a pure function of the
    spec and its number: :meth:`run`, :meth:`step`, :meth:`frames` and :meth:`preview` show the same.
    """

    def __init__(
        self, spec: Spec, device: str | None = None, engine: str | None = None, mode: str | None = None
    ) -> None:
        self.spec = spec
        self._writers: list[Any] = []
        self._attached: tuple[str, ...] | None = None
        self._stepping = False
        self._session = open_session(spec, device, engine, mode)
        self.engine = self._session.name
        self.mode = self._session.mode

    @property
    def products(self) -> list[Any]:
        """The render products: one for each camera in the order of the spec; fewer where cameras share one."""
        return self._session.products

    @property
    def device(self) -> str:
        """Where the embedded runtime draws: "cpu" or "cuda:0"; empty on Isaac Sim."""
        with self._session.active():
            return self._session.device

    @property
    def stage(self) -> Usd.Stage:
        """The USD stage: Z up, metres. ``graph.stage.Export("scene.usda")`` keeps it."""
        return self._session.stage

    @property
    def scene(self) -> Scene:
        """What stays the same from frame to frame: meshes, textures, label tables, the order of prims and cameras."""
        with self._session.active():
            return self._session.scene()

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
        processes: bool | None = None,
        overwrite: bool = False,
        listener: Callable[[Committed], None] | None = None,
    ) -> RunStatistics:
        """Write frames ``start`` .. ``start + n_frames - 1`` with every writer of the spec.

        output_dir: instead of the writers' own; with several writers, the folder above one for each. batch: frames
        rendered together. workers: threads or processes, by default one per core. processes: whether images are
        annotated, encoded and written in processes of their own; by default from six cores on. None of them changes the
        result, nor counts on Isaac Sim. overwrite: delete datasets of these writers
        that are in the folders. listener: called after each commit.
        Raises OutputError where a folder cannot be written, RequirementError at a frame of which no draw meets what the
        spec requires; everything before is committed then.
        """
        frames = self._checked(n_frames, start)
        with self._session.active() as rep:
            self._attach(rep, output_dir, overwrite)
            return self._session.run(frames, batch, workers, listener, processes)

    async def run_async(
        self,
        n_frames: int,
        start: int = 0,
        output_dir: str | Path | None = None,
        *,
        overwrite: bool = False,
        listener: Callable[[Committed], None] | None = None,
    ) -> RunStatistics:
        """As :meth:`run`, inside a running event loop: in Kit, where blocking would stop the app.

        Cancelling it ends the run; what was written before stays valid.
        """
        frames = self._checked(n_frames, start)
        with self._session.active() as rep:
            self._attach(rep, output_dir, overwrite)
        return await self._session.run_async(frames, listener)

    def step(self) -> None:
        """Make the next frame: it is authored on the stage, rendered, and given to every writer."""
        with self._session.active() as rep:
            if not self._stepping:
                self._attach(rep, None, False)
                self._stepping = True
            self._session.step()

    def finish(self) -> None:
        """End a stepped session: writers finish their files, and the next step is frame 0 again."""
        with self._session.active():
            self._session.finish()
            self._stepping = False

    def frames(
        self, n_frames: int, start: int = 0, batch: int = 16, annotators: Sequence[str] = STREAM
    ) -> Iterator[dict[str, Any]]:
        """Frames as arrays, in batches, without touching the disk.

        Gives {product name: {annotator: (B, ...) array}, "frames": (B,) int64, "draws": {name: (B, n, k) array}}.
        B is ``batch`` but for the last one, and less where a product whose size is drawn changes it.
        """
        return self._active_while_made(self._session.stream(range(start, start + n_frames), batch, annotators))

    def tensors(
        self, n_frames: int, start: int = 0, batch: int | None = None, *, rgb: bool = True
    ) -> Iterator[dict[str, Any]]:
        """Frames with their labels as tensors on the device that draws them, in batches; embedded runtime only.

        Gives {product name: TensorView, "frames": (B,) int64, "draws": {name: (B, n, k) array}}: see
        ``replicator_dr.render.tensors.TensorView`` for shapes and units. ``torch.from_dlpack`` takes its arrays without
        a copy. batch: frames drawn together, 256 on CUDA unless told otherwise, and fewer large ones. rgb: whether
        colours are drawn.
        """
        return self._active_while_made(self._session.tensors(range(start, start + n_frames), batch, rgb))

    def captures(
        self,
        frames: Sequence[int] | NDArray[np.int64],
        work: Callable[[CapturedBatch], T],
        batch: int = 16,
        annotators: Sequence[str] = STREAM,
        workers: int | None = None,
        on_device: bool = False,
    ) -> Iterator[T]:
        """What ``work`` makes of frames in any order, without touching the disk: one result a batch, in their order.

        work: called on several threads, each with a rendered batch, from which it may ask for ``annotators``. batch,
        workers: as for :meth:`run`. on_device: whether images stay on the device that draws them, colours there alone.
        UnsupportedError on Isaac Sim.
        """
        results = self._session.captures(frames, work, batch, annotators, workers, on_device)
        while True:
            with self._session.active():
                made = list(islice(results, 1))
            if not made:
                return
            yield made[0]

    def preview(self, frame: int = 0, annotators: Sequence[str] = PREVIEW) -> dict[str, dict[str, Any]]:
        """One frame, nothing written: {product name: {"camera", "resolution", annotator: {"data": ..., ...}}}."""
        with self._session.active():
            return self._session.preview(frame, annotators)

    def sample(self, frames: int | Sequence[int]) -> FrameState:
        """What varies at those frames, nothing rendered: poses, materials, lights, cameras, labels and draws.

        frames: their numbers, in any order. Raises RequirementError, as :meth:`run` does.
        """
        with self._session.active():
            return self._session.sample([frames] if isinstance(frames, int) else frames)

    def draws(self, frames: int | Sequence[int]) -> dict[str, NDArray[Any]]:
        """The draws of :meth:`sample`, without its facts: {name: (frames, n, k) numbers, or (frames, n) texts}.

        Nothing is placed, simulated or rendered for them, unless the spec requires something of frames that only this
        tells, or has joints. Raises RequirementError, as :meth:`run` does; UnsupportedError on Isaac Sim.
        """
        with self._session.active():
            return self._session.draws([frames] if isinstance(frames, int) else frames)

    def drawn(self, frame: int, facts: bool = True) -> DrawnFrame:
        """What was drawn for a frame, and how each value came about. UnsupportedError on Isaac Sim.

        facts: with what came of the draws, such as how many items still move, for which the frame is evaluated.
        """
        with self._session.active():
            return self._session.drawn(frame, facts)

    def close(self) -> None:
        """Detach the writers, destroy the render products and let go of the scene."""
        self._detach()
        self._session.close()

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

    def _active_while_made(self, batches: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Batches, the runtime being active only while each is made: the caller may use other graphs in between."""
        while True:
            with self._session.active():
                arrays = next(batches, None)
            if arrays is None:
                return
            yield arrays

    def _checked(self, n_frames: int, start: int) -> range:
        if n_frames < 0 or start < 0:
            raise EngineError(f"frames {start} to {start + n_frames - 1} do not exist; count from 0 upwards")
        if start + n_frames > _FRAMES:
            raise EngineError(
                f"frame {start + n_frames - 1} has no number that all formats can hold; stay below {_FRAMES}"
            )
        if not self.spec.writers:
            raise EngineError("the spec has no writers, so nothing would be kept; add some, or use frames()")
        self._stepping = False
        return range(start, start + n_frames)

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
        info = self.dataset_info()
        for entry, folder in zip(self.spec.writers, folders):
            plugin = _plugin(entry.writer).model_copy(update={"output_dir": folder})
            if overwrite:
                plugin = _overwriting(plugin, Path(folder))
            self._writers.append(plugin.build(rep, info))
        self._session.attach(self._writers)
        self._attached = folders

    def _detach(self) -> None:
        if self._writers:
            with self._session.active():
                self._session.detach()
        self._writers.clear()
        self._attached = None


def _plugin(writer: object) -> WriterPlugin:
    assert isinstance(writer, WriterPlugin)
    return writer


def _overwriting(plugin: WriterPlugin, folder: Path) -> WriterPlugin:
    """The writer, which deletes an earlier dataset of its own first, and nothing else.

    Raises OutputError for one that cannot do that where its folder holds anything.
    """
    if "overwrite" in type(plugin).model_fields:
        return plugin.model_copy(update={"overwrite": True})
    if folder.is_dir() and any(folder.iterdir()):
        raise OutputError(f"{folder} is not empty and holds no dataset; it is not deleted, choose another folder")
    return plugin


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("replicator_dr", "numpy", "warp-lang", "usd-core", "isaacsim"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
