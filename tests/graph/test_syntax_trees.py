"""CPython 3.11 raises SystemError where several threads make syntax trees at a time: only the main thread makes any.

Warp makes one of each kernel when its module is imported, NumPy one of each record type that is given as text.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import ast, builtins, sys, threading, traceback

compiled, found = builtins.compile, []

def watched(source, filename, mode, flags=0, *rest, **more):
    if flags & ast.PyCF_ONLY_AST:
        found.append(threading.current_thread() is threading.main_thread())
        if not found[-1]:
            traceback.print_stack()
    return compiled(source, filename, mode, flags, *rest, **more)

builtins.compile = watched
from replicator_dr import build_graph

spec = {
    "create": {
        "ball": {"sphere": {"scale": 0.5}, "semantics": {"class": "ball"}},
        "sun": {"light": {"intensity": 2000}},
        "eye": {"camera": {"position": [3, 0, 1], "look_at": [0, 0, 0], "f_stop": 2}},
    },
    "triggers": [{"on_frame": {}, "randomize": [
        {"pose": {"prims": "ball", "position": {"uniform": [[-1, -1, 0], [1, 1, 0]]}}},
        {"deform": {"prims": "ball", "bend": {"uniform": [-30, 30]}}},
        {"sensor": {"cameras": "eye", "gain": 2, "blur": 1}},
    ]}],
    "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
    "require": [{"pixels": {"prims": "ball", "at_least": 5}}],
    "writers": [{"coco_depth": {}}, {"yolo": {"output_dir": sys.argv[1] + "/yolo", "task": "segment"}}],
}
with build_graph(spec, device="cpu") as graph:
    graph.run(4, 0, sys.argv[1] + "/coco", batch=1, workers=2)
assert sum(found) > 100, "kernels are parsed in the main thread"
sys.exit(not all(found))
"""


def test_only_the_main_thread_makes_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
