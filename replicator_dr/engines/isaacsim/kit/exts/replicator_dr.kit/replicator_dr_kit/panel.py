"""A small panel: choose a spec, frames and a folder, start, stop, watch."""

from __future__ import annotations

import omni.ui as ui

from replicator_dr.run.kit_job import Job, Order, Progress, Status

TITLE = "replicator_dr"
_LABEL = 70
_START_TEXT = {"spec": "scenes/tabletop.yaml", "output": ""}


class Panel:
    """The window and its job."""

    def __init__(self) -> None:
        self.job = Job(self._show)
        self.window = ui.Window(TITLE, width=460, height=210)
        with self.window.frame, ui.VStack(spacing=6, height=0):
            self.spec = self._field("Spec", ui.SimpleStringModel(_START_TEXT["spec"]))
            self.output = self._field("Output", ui.SimpleStringModel(_START_TEXT["output"]))
            with ui.HStack(height=24):
                ui.Label("Frames", width=_LABEL)
                self.frames = ui.SimpleIntModel(64)
                ui.IntField(model=self.frames)
            with ui.HStack(height=28, spacing=6):
                self.start = ui.Button("Start", clicked_fn=self._start)
                self.stop = ui.Button("Stop", clicked_fn=self.job.stop, enabled=False)
            self.bar = ui.SimpleFloatModel(0.0)
            ui.ProgressBar(model=self.bar, height=20)
            self.message = ui.Label("", word_wrap=True)

    def _field(self, label: str, model: ui.SimpleStringModel) -> ui.SimpleStringModel:
        with ui.HStack(height=24):
            ui.Label(label, width=_LABEL)
            ui.StringField(model=model)
        return model

    def _start(self) -> None:
        frames = self.frames.get_value_as_int()
        if frames < 1:
            self.message.text = f"frames is {frames}; give 1 or more"
            return
        output = self.output.get_value_as_string().strip()
        self.job.start(Order(self.spec.get_value_as_string().strip(), frames, output=output or None))

    def _show(self, progress: Progress) -> None:
        running = progress.status is Status.RUNNING
        self.start.enabled, self.stop.enabled = not running, running
        self.bar.set_value(progress.frames / progress.total if progress.total else 0.0)
        self.message.text = progress.message

    def destroy(self) -> None:
        """Close the window; a run that is under way stops after its frame."""
        self.job.stop()
        self.window.destroy()
