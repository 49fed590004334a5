"""The progress bar of a run: frames, frames/s, images, MB/s, time left. Nothing is drawn where no terminal is."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from replicator_dr.cli.console import messages

if TYPE_CHECKING:
    from replicator_dr.graph import Committed


class RunProgress:
    """A listener for ``Graph.run`` that draws what was committed; a context manager."""

    def __init__(self, n_frames: int, shown: bool = True) -> None:
        """n_frames: how many the run will make. shown: False draws nothing, as does a console that is no terminal."""
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("frames  [green]{task.fields[rate]}[/] frames/s  {task.fields[images]} images"),
            TextColumn("{task.fields[megabytes]} MB/s"),
            TimeRemainingColumn(),
            console=messages(),
            transient=True,
            disable=not (shown and messages().is_terminal),
        )
        # The first frames wait for the scene to load and, once per machine, for the kernels to compile.
        self._task = self._bar.add_task("preparing", total=n_frames, rate="-", images=0, megabytes="-")

    def __enter__(self) -> RunProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, committed: Committed) -> None:
        """Take note of a chunk that was committed."""
        seconds = max(committed.seconds, 1e-9)
        self._bar.update(
            self._task,
            completed=committed.frames,
            description="generating",
            rate=f"{committed.frames / seconds:.1f}",
            images=committed.images,
            megabytes=f"{committed.bytes / seconds / 1e6:.1f}",
        )
