"""Starting Isaac Sim from a script, and ending it with the right exit code."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from replicator_dr.engines.isaacsim.versions import close_takes_exit_code
from replicator_dr.errors import EngineError

_MISSING = (
    "Isaac Sim is not installed for this Python ({python}); run with Isaac Sim's own (./python.sh -m replicator_dr "
    "...), or pip install isaacsim, or leave --engine out to use the embedded runtime"
)
_LICENCE = (
    "Isaac Sim did not start; if it asks for NVIDIA's licence, read it and accept it yourself, for instance with "
    "OMNI_KIT_ACCEPT_EULA=YES"
)


class SimulationSession:
    """A started Isaac Sim."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def close(self, exit_code: int = 0) -> None:
        """End the app, and the process with it where Isaac Sim shuts down fast (its default).

        Isaac Sim 6 takes an exit code; before, its fast shutdown ends the process with 0 whatever happened, so that a
        failed run ends it here instead.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        if close_takes_exit_code(self._app.close):
            self._app.close(exit_code=exit_code)
        elif exit_code == 0:
            self._app.close()
        else:
            os._exit(exit_code)


def start(kit_arguments: Sequence[str] = (), *, headless: bool = True) -> SimulationSession:
    """Start Isaac Sim in this process, before anything of ``omni`` or ``pxr`` is imported.

    kit_arguments: settings for Kit, ``--/path=value`` each. EngineError where it is not installed or does not start.
    """
    _check_python()
    before = sys.argv
    # SimulationApp hands what it does not know of sys.argv to Kit: our own arguments are none of Kit's business.
    sys.argv = [before[0]]
    try:
        application = importlib.import_module("isaacsim").SimulationApp
        app = application({"headless": headless, "extra_args": list(kit_arguments)})
    except (SystemExit, EOFError) as error:
        raise EngineError(_LICENCE) from error
    finally:
        sys.argv = before
    return SimulationSession(app)


def _check_python() -> None:
    """EngineError where this process cannot become Isaac Sim's."""
    if importlib.util.find_spec("isaacsim") is None:
        raise EngineError(_MISSING.format(python=sys.executable))
    if "pxr" in sys.modules:
        raise EngineError("pxr is imported already; start Isaac Sim before anything that imports it")
    try:
        found = version("usd-core")
    except PackageNotFoundError:
        return
    raise EngineError(
        f"usd-core {found} is installed for this Python and clashes with Isaac Sim's own pxr; "
        "pip uninstall usd-core, or use a Python of its own"
    )


@contextmanager
def running(kit_arguments: Sequence[str] = ()) -> Iterator[None]:
    """Isaac Sim inside the block. A SystemExit (or click's Exit) that leaves it decides the exit code."""
    session = start(kit_arguments)
    code = 1
    try:
        yield
        code = 0
    except BaseException as error:
        code = _code_of(error)
        if not _is_exit(error):
            sys.excepthook(type(error), error, error.__traceback__)
        raise
    finally:
        session.close(code)


def _is_exit(error: BaseException) -> bool:
    return isinstance(error, SystemExit) or hasattr(error, "exit_code")


def _code_of(error: BaseException) -> int:
    code = getattr(error, "exit_code", getattr(error, "code", 1))
    return code if isinstance(code, int) else 1
