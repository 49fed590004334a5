"""Run a program where ``import isaacsim`` gives the stand-in: ``launch.py RELEASE LOG -m module args...``.

Only ``isaacsim`` is there at first, as in a real installation: Kit's modules appear when a SimulationApp is made. What
happened is written to LOG as JSON.
"""

from __future__ import annotations

import importlib.machinery
import json
import runpy
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

LOG: dict[str, Any] = {"closed": None, "faults": []}


class SimulationApp:
    """As Isaac Sim's; it ends the process as fast as that one."""

    def __init__(self, launch_config: dict[str, Any] | None = None, experience: str = "") -> None:
        LOG["config"] = launch_config
        LOG["argv"] = sys.argv[1:]
        LOG["imported before"] = sorted(name for name in sys.modules if name.split(".")[0] in ("pxr", "omni", "warp"))
        from tests.isaacsim.standin import isaac_sim

        self._stack = ExitStack()
        self.standin = self._stack.enter_context(isaac_sim(RELEASE))

    def update(self) -> None:
        self.standin.app.update()

    def _end(self, code: int) -> None:
        from tests.isaacsim.standin import StandinFault

        self.standin.close()
        LOG["closed"] = code
        try:
            self._stack.close()
        except StandinFault as fault:
            LOG["faults"] = str(fault).splitlines()
        write_log()


class OlderApp(SimulationApp):
    """Before Isaac Sim 6: its end knows no exit code."""

    def close(self, wait_for_replicator: bool = True, skip_cleanup: bool = False) -> None:
        self._end(0)


class NewerApp(SimulationApp):
    """From Isaac Sim 6 on."""

    def close(self, wait_for_replicator: bool = True, skip_cleanup: bool = False, exit_code: int = 0) -> None:
        self._end(exit_code)


def write_log() -> None:
    """Keep what happened."""
    Path(LOG_FILE).write_text(json.dumps(LOG))


def install() -> None:
    """Let ``import isaacsim`` find the stand-in; the usd-core of the tests is Kit's pxr here."""
    module = ModuleType("isaacsim")
    module.__spec__ = importlib.machinery.ModuleSpec("isaacsim", None)
    module.SimulationApp = NewerApp if RELEASE == "6.0" else OlderApp  # type: ignore[attr-defined]
    sys.modules["isaacsim"] = module
    from replicator_dr.engines.isaacsim import app

    found = app.version

    def version(name: str) -> str:
        if name == "usd-core":
            raise app.PackageNotFoundError(name)
        return found(name)

    app.version = version


if __name__ == "__main__":
    RELEASE, LOG_FILE = sys.argv[1:3]
    sys.path.insert(0, str(Path(__file__).parents[2]))
    install()
    if sys.argv[3] == "-m":
        sys.argv = sys.argv[4:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = sys.argv[3:]
        runpy.run_path(sys.argv[0], run_name="__main__")
