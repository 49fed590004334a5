"""The progress bar of an audit: images, images/s, time left. Nothing is drawn where no terminal is."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from replicator_dr.cli.console import messages


class AuditProgress:
    """Draws how many images were looked at; a context manager."""

    def __init__(self, shown: bool = True) -> None:
        """shown: False draws nothing, as does a console that is no terminal."""
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("images  [green]{task.fields[rate]}[/] images/s"),
            TimeRemainingColumn(),
            console=messages(),
            transient=True,
            disable=not (shown and messages().is_terminal),
        )
        self._task = self._bar.add_task("reading labels", total=None, rate="-")
        self._began: float | None = None

    def __enter__(self) -> AuditProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Take note of an image that all checks have seen."""
        now = time.perf_counter()
        self._began = now if self._began is None else self._began
        rate = f"{(done - 1) / (now - self._began):.0f}" if done > 1 and now > self._began else "-"
        self._bar.update(self._task, description="auditing", completed=done, total=total, rate=rate)
