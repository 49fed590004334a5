"""Starts Warp without its banner, and without its complaint about a missing CUDA driver: there need not be one."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import warp as wp

_NO_DRIVER = (b"CUDA driver", b"no CUDA-capable device")
_LOCK = threading.Lock()

_FLAGS = getattr(wp.config, "cpu_compiler_flags", None)  # there from Warp 1.18 on
CROWDED, MODERATE = (256, 4), (256, 3)
"""Launch bounds on CUDA: threads of a block, and blocks at a time that the registers of a processor have to hold."""
WIDE_VECTORS = {"cpu_compiler_flags": f"{_FLAGS} -mprefer-vector-width=512"} if _FLAGS else {}
"""Options of modules whose passes over small arrays gain from the widest vectors that the processor has."""


def start_warp() -> None:
    """Initialise Warp once; safe to call again, and from several threads."""
    with _LOCK:
        _start()


@cache
def _start() -> None:
    if hasattr(wp, "LOG_ERROR"):
        wp.config.log_level = wp.LOG_ERROR
    else:  # before 1.18
        wp.config.quiet = True
    with _without_driver_complaint():
        wp.init()


@contextmanager
def _without_driver_complaint() -> Iterator[None]:
    """Hold back what native code writes to standard error, and let everything but such lines through afterwards."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a process without standard error has nothing to hold back
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            os.write(2, b"".join(line for line in held if not any(text in line for text in _NO_DRIVER)))
