"""What Kit calls when the extension is switched on and off."""

from __future__ import annotations

import asyncio
from typing import Any

import carb
import carb.settings
import omni.ext
import omni.kit.app

from replicator_dr.run.kit_job import Job, Order, Progress, Status
from replicator_dr_kit.stage_events import on_stage_opened
from replicator_dr_kit.writers import register_writers

ROOT = "/replicator_dr"


class ReplicatorDrExtension(omni.ext.IExt):  # type: ignore[misc]
    """Registers the writers, shows the panel, and generates what the settings ask for."""

    def on_startup(self, _ext_id: str) -> None:
        """Begin."""
        register_writers()
        # A new stage resets Replicator; the writers come back with it.
        self._stage_opened = on_stage_opened(register_writers)
        self._panel: Any = None
        self._task: asyncio.Task[None] | None = None
        if _setting("panel"):
            from replicator_dr_kit.panel import Panel

            self._panel = Panel()
        if _setting("spec"):
            self._job = Job(_show)
            self._task = asyncio.ensure_future(self._generate(_order(), bool(_setting("quit"))))

    async def _generate(self, order: Order, ends_app: bool) -> None:
        app = omni.kit.app.get_app()
        # The first updates load what the app itself needs.
        await app.next_update_async()
        code = await self._job.start(order)
        if ends_app:
            app.post_quit(int(code))

    def on_shutdown(self) -> None:
        """End: what is running stops after its frame."""
        self._stage_opened = None
        if self._task is not None:
            self._job.stop()
            self._task = None
        if self._panel is not None:
            self._panel.destroy()
            self._panel = None


def _setting(name: str) -> Any:
    return carb.settings.get_settings().get(f"{ROOT}/{name}")


def _order() -> Order:
    return Order(
        spec=str(_setting("spec")),
        frames=int(_setting("frames")),
        start=int(_setting("start")),
        output=_setting("output") or None,
        mode=_setting("mode") or None,
        overwrite=bool(_setting("overwrite")),
    )


def _show(progress: Progress) -> None:
    write = carb.log_error if progress.status is Status.FAILED else carb.log_warn
    write(f"replicator_dr: {progress.message}")
