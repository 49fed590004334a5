"""Ctrl-C and terminals: what only a process of its own can show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pycocotools.coco import COCO

GENERATE = [sys.executable, "-m", "replicator_dr", "generate"]


def journal_lines(folder: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in folder.glob("journal*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_valid_dataset_of_what_was_committed(
    small: Callable[..., Path], number: signal.Signals
) -> None:
    command = [*GENERATE, str(small()), "--frames", "100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while journal_lines(Path("out")) < 10 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130, messages
    assert "Traceback" not in messages
    assert "interrupted after" in messages
    coco = COCO("out/annotations.json")
    assert 0 < len(coco.imgs) < 100000
    for image in coco.imgs.values():
        assert (Path("out") / image["file_name"]).stat().st_size > 0
    assert set(coco.getImgIds()) == set(range(1, len(coco.imgs) + 1)), "no gaps: frames are committed in order"
    assert not list(Path("out").rglob(".*.part")), "no half-written files"
    json.loads(Path("out/manifest.json").read_text())


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
def test_the_progress_bar_is_drawn_on_a_terminal_only(small: Callable[..., Path]) -> None:
    spec = str(small())
    terminal, stream = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "140"}
    environment.pop("NO_COLOR", None)
    command = [*GENERATE, spec, "-n", "3"]
    with subprocess.Popen(command, stderr=stream, stdout=subprocess.PIPE, text=True, env=environment) as process:
        os.close(stream)
        drawn = read_to_end(terminal)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "frames/s" in drawn
    assert "3 frames, 3 images" in printed
    piped = subprocess.run([*command, "--overwrite"], capture_output=True, check=True, timeout=120)
    assert piped.stderr == b""


def read_to_end(terminal: int) -> str:
    """Everything written to a pseudo-terminal until its last writer is gone; it holds only a few kilobytes."""
    drawn = b""
    try:
        while chunk := os.read(terminal, 65536):
            drawn += chunk
    except OSError:  # Linux ends a closed pseudo-terminal with EIO
        pass
    os.close(terminal)
    return drawn.decode(errors="replace")
