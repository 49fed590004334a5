"""Worker processes: the same records as threads give, and what happens when one fails, dies or is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.engines.embedded.loop import pipeline, worker_choice
from replicator_dr.engines.embedded.loop.capture import CapturedBatch
from replicator_dr.engines.embedded.loop.statistics import Committed
from replicator_dr.errors import EngineError
from tests.flat_world import FlatRuntime
from tests.labels.remote_writer import Remote

ROOT = Path(__file__).resolve().parents[2]


def run(runtime: FlatRuntime, writer: Any, frames: int, **options: Any) -> pipeline.RunStatistics:
    writer.attach(runtime.product("view", (160, 120)))
    return pipeline.run(runtime, frames, processes=True, **options)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def all_gone(folder: Path) -> bool:
    return all(gone(int(path.name)) for path in folder.iterdir())


def in_this_process(frames: int, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    other, writer = FlatRuntime(), Remote(folder)
    writer._products = (other.product("view", (160, 120)),)
    other.writers.append(writer)
    pipeline.run(other, frames, processes=False)  # type: ignore[arg-type]
    assert [path.name for path in folder.iterdir()] == [str(os.getpid())]
    return writer.committed


@pytest.mark.parametrize(("batch", "workers"), [(1, 1), (7, 3), (300, 2)])
def test_records_are_those_of_threads(runtime: FlatRuntime, tmp_path: Path, batch: int, workers: int) -> None:
    (tmp_path / "pids").mkdir()
    writer = Remote(tmp_path / "pids")
    statistics = run(runtime, writer, 150, batch=batch, workers=workers)
    assert writer.committed == in_this_process(150, tmp_path / "here")
    assert [record["id"] for record in writer.committed] == list(range(150))
    assert (statistics.frames, statistics.images, statistics.interrupted) == (150, 150, False)
    assert statistics.stage_seconds["encode"] > 0
    assert writer.finished == 1
    assert str(os.getpid()) not in os.listdir(tmp_path / "pids")
    assert all_gone(tmp_path / "pids")


def test_what_a_job_raises_is_raised_and_everything_before_is_committed(runtime: FlatRuntime, tmp_path: Path) -> None:
    writer = Remote(tmp_path, fail_at=23)
    with pytest.raises(ValueError, match="this frame is cursed"):
        run(runtime, writer, 400, batch=2, workers=2)
    assert [record["id"] for record in writer.committed] == list(range(22))
    assert writer.discarded == list(range(24, 24 + len(writer.discarded)))
    assert writer.finished == 1
    assert all_gone(tmp_path)


def test_an_exception_that_cannot_be_sent_comes_as_its_text(runtime: FlatRuntime, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="UnreadableError: 1 and 2"):
        run(runtime, Remote(tmp_path, fail_at=3, failure="strange"), 40, batch=2, workers=2)


@pytest.mark.parametrize(
    ("failure", "told"), [("kill", r"was killed \(SIGKILL\)"), ("exit", "ended with exit status 3")]
)
def test_a_process_that_dies_is_a_clear_error(runtime: FlatRuntime, tmp_path: Path, failure: str, told: str) -> None:
    writer = Remote(tmp_path, fail_at=23, failure=failure)
    with pytest.raises(EngineError, match=f"a worker process {told}.*what was committed stays valid"):
        run(runtime, writer, 400, batch=2, workers=2)
    numbers = [record["id"] for record in writer.committed]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) <= 22
    assert writer.finished == 1
    assert all_gone(tmp_path)


def test_ctrl_c_commits_what_is_in_flight(runtime: FlatRuntime, tmp_path: Path) -> None:
    def interrupt(committed: Committed) -> None:
        if committed.frames == 8:
            os.kill(os.getpid(), signal.SIGINT)

    writer = Remote(tmp_path)
    statistics = run(runtime, writer, 5000, batch=4, workers=2, listener=interrupt)
    assert statistics.interrupted
    assert [record["id"] for record in writer.committed] == list(range(statistics.frames))
    assert 8 <= statistics.frames < 100
    assert all_gone(tmp_path)


def test_killed_runs_leave_no_process_and_scripts_need_no_guard(tmp_path: Path) -> None:
    """The run is killed while a worker is at work; the script has no ``if __name__ == "__main__"``."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import sys
            from pathlib import Path
            from replicator_dr.engines.embedded.loop import pipeline
            from replicator_dr.engines.embedded.runtime import activate
            from tests.flat_world import FlatRuntime
            from tests.labels.remote_writer import Remote

            folder = Path(sys.argv[1])
            with activate(FlatRuntime()) as runtime:
                Remote(folder / "pids", fail_at=100, failure="sleep").attach(runtime.product("view", (160, 120)))
                first = lambda committed: (folder / "begun").touch()
                pipeline.run(runtime, 400, batch=2, workers=2, processes=True, listener=first)
        """)
    )
    (tmp_path / "pids").mkdir()
    before = set(os.listdir("/dev/shm"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=environment, cwd=ROOT) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.kill()
    assert (tmp_path / "begun").exists()
    while not all_gone(tmp_path / "pids") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all_gone(tmp_path / "pids")
    assert set(os.listdir("/dev/shm")) <= before


def test_writers_that_cannot_be_sent_run_on_threads_or_are_refused(
    runtime: FlatRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Local(Remote):
        def batch_job(self) -> Any:
            return lambda batch: []

        def write_batch(self, batch: CapturedBatch) -> list[dict[str, Any]]:
            return Remote.batch_job(self)(batch)

    with pytest.raises(EngineError, match=r"the writers of this run \(Local\) cannot be sent .* run with threads"):
        run(runtime, Local(tmp_path), 5)
    monkeypatch.setattr(worker_choice, "cores", lambda: 64)
    runtime.writers.clear()
    local = Local(tmp_path)
    local.attach(runtime.product("view", (160, 120)))
    pipeline.run(runtime, 200)  # type: ignore[arg-type]
    assert len(local.committed) == 200


def test_few_cores_and_few_frames_take_threads(
    runtime: FlatRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, writers = runtime.scene(), [Remote(tmp_path)]
    for number, frames in ((worker_choice.CORES_FOR_PROCESSES - 1, 10_000), (64, 10)):
        monkeypatch.setattr(worker_choice, "cores", lambda number=number: number)
        assert worker_choice.worker_pool(scene, None, writers, frames, 4, None) is None  # type: ignore[arg-type]
