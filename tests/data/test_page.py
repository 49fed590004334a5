"""The walk through docs/data.md runs as it stands there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from replicator_dr.data import WrittenSamples
from replicator_dr.data.sample import DRAWS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()


def walk(*leave_out: str) -> str:
    """The page's code, in its order, but for blocks that name one of these."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    kept = [block for block in blocks if not any(name in block for name in leave_out)]
    # Workers are forked there, before which nothing has rendered in a script of one's own; here the page goes on.
    return "\n".join(kept).replace("num_workers=2", "num_workers=0")


@pytest.mark.parametrize(
    ("package", "leave_out"), [("PIL", ("torch", "tensorflow")), ("torch", ("tensorflow",)), ("tensorflow", ("torch",))]
)
def test_the_walk(package: str, leave_out: tuple[str, ...], tmp_path: Path) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    code = walk(*leave_out)
    assert package == "PIL" or package in code
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "10 ['box']" in done.stdout


def test_the_table_has_every_key(folder: Path) -> None:
    table = PAGE[PAGE.index("## Keys of a sample") : PAGE.index("`detection` of")]
    named = set(re.findall(r"`([a-z_0-9]+)`", table)) | {"draws/<name>"}
    for sample in WrittenSamples(folder):
        assert {name for name in sample if not name.startswith(DRAWS)} <= named
