"""A program of ours in a process of its own, at the other end of a connection.

It is started anew, never forked: a process that runs Warp or CUDA must not be, and scripts need no ``__main__`` guard.
It is in a session of its own, so that Ctrl-C reaches the run loop alone, and ends with it, because its connection ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe

from replicator_dr.errors import EngineError

_PATIENCE = 10.0
"""Seconds that a process gets to end by itself."""


class ChildProcess:
    """``python -m module FD ...``, whose FD is the other end of a connection. It is sent ``sys.path`` at first.

    what: it is called in errors. descriptors: further ones that it inherits, given to it as arguments.
    """

    def __init__(self, module: str, what: str, descriptors: Sequence[int] = ()) -> None:
        self._what = what
        self._told = False
        self._connection, theirs = Pipe()
        with theirs:
            passed = [theirs.fileno(), *descriptors]
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, passed)],
                pass_fds=passed,
                # It works on one core, and must not take memory on a GPU.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "CUDA_VISIBLE_DEVICES": "-1",
                     "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )  # fmt: skip

    def ask(self, *messages: bytes) -> bytes:
        """Send messages and wait for the answer. EngineError where the process has ended."""
        try:
            if not self._told:
                self._connection.send(sys.path)
                self._told = True
            for message in messages:
                self._connection.send_bytes(message)
            return self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise EngineError(f"a {self._what} process {self._fate()}; what was committed stays valid") from error

    def _fate(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_PATIENCE)
            if code < 0:
                name = signal.Signals(-code).name
                return f"was killed ({name}), perhaps for want of memory; run the same again with fewer workers"
            return f"ended with exit status {code}; its own message stands above"
        return "does not answer"

    def hang_up(self) -> None:
        """Let the process end, without waiting for it."""
        self._connection.close()

    def close(self) -> None:
        """End the process."""
        self.hang_up()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
