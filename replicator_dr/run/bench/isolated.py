"""A function in a process of its own, so that its memory, its threads and its crashes are its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Protocol

from replicator_dr.errors import EngineError, ReplicatorDrError


class Progress(Protocol):
    """Told how far a measurement is."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note. what: the step that has begun; done: steps finished, of ``total``."""


def silent(what: str, done: int, total: int) -> None:
    """A Progress that nobody watches."""


def isolated(function: Callable[..., Any], *arguments: Any, progress: Progress | None = None) -> Any:
    """``function(*arguments)`` in a fresh process; its result. With a progress, that is the last argument.

    Function, arguments and result travel by pickle. EngineError for an error of ours in there, and for a process that
    dies; on any other error its traceback stands on standard error before that.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, function, arguments, progress is not None), daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            try:
                kind, content = ours.recv()
            except EOFError:
                process.join()
                raise EngineError(
                    f"the process of {function.__name__} ended with exit code {process.exitcode} before it was done; "
                    "what it printed says why"
                ) from None
            if kind == "result":
                return content
            if kind == "error":
                raise EngineError(content)
            if progress is not None:
                progress(*content)
    finally:
        ours.close()
        process.terminate()
        process.join()


def _work(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], watched: bool) -> None:
    def progress(what: str, done: int, total: int) -> None:
        connection.send(("progress", (what, done, total)))

    try:
        connection.send(("result", function(*arguments, *([progress] if watched else []))))
    except ReplicatorDrError as error:
        connection.send(("error", str(error)))
