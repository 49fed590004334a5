"""A renderer in a process of its own, which does what it is told: set up, draw, show."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from replicator_dr.run.bench.peers.protocol import Peer, Pictures
from replicator_dr.run.bench.peers.shared_scene import SharedScene

Batch = Sequence[int]
"""Cameras of a shared scene that are drawn together: a run of neighbours."""
_LONGEST_REASON = 160


class PeerError(Exception):
    """A renderer that cannot go on; the text says why."""


class Worker:
    """The near side of such a process. ``tell`` begins something, ``answer`` waits for its end."""

    def __init__(self, key: str, log: Path) -> None:
        """key: of ``PEERS``. log: file for what the process prints."""
        context = multiprocessing.get_context("spawn")
        self._log = log
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, key, log), daemon=True)
        self._process.start()
        theirs.close()

    def tell(self, action: str, *arguments: Any) -> None:
        """Begin an action: a method of :class:`_Desk`. PeerError if the process is gone."""
        try:
            self._pipe.send((action, arguments))
        except OSError:
            self._gone()

    def answer(self) -> Any:
        """The action's result. PeerError, with what was printed, when it raised or the process died."""
        try:
            fine, content = self._pipe.recv()
        except (EOFError, OSError):
            self._gone()
        if not fine:
            raise PeerError(content)
        return content

    def ask(self, action: str, *arguments: Any) -> Any:
        """Both."""
        self.tell(action, *arguments)
        return self.answer()

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()

    def _gone(self) -> None:
        self._process.join()
        printed = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        said = next((line.strip() for line in printed if "error" in line.lower()), "")
        raise PeerError(shortened(f"its process ended with exit code {self._process.exitcode}. {said}"))


def shortened(text: str) -> str:
    """One line of a length that fits into a table."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 3] + "..."


class _Desk:
    """What the process can be asked."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def available(self, device: str) -> str | None:
        return self._peer.available(device)

    def setup(self, scene: SharedScene, device: str) -> None:
        self._peer.setup(scene, device)

    def draw(self, batches: Sequence[Batch], labels: bool) -> float:
        """Seconds that the batches take."""
        began = perf_counter()
        for batch in batches:
            self._peer.render(batch, labels)
        return perf_counter() - began

    def show(self, camera: int) -> Pictures:
        return self._peer.render([camera], True)


def _serve(pipe: Connection, key: str, log: Path) -> None:
    from replicator_dr.run.bench.peers.registry import PEERS

    with log.open("w") as file:
        # Native libraries print past Python, so the descriptors themselves are turned.
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    desk = _Desk(PEERS[key]())
    while True:
        try:
            action, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, getattr(desk, action)(*arguments)))
        except Exception as error:  # noqa: BLE001 - whatever a foreign renderer raises is why it is left out
            pipe.send((False, shortened(f"{type(error).__name__}: {error}")))
