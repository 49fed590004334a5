"""The kernels compile for CUDA, which needs no GPU; and give the same there, where there is one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import warp as wp

from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.start import start_warp
from tests.render.path.cases import CASES, VIEW, blocks, traced

MODULES = ("world", "integrate")


def test_these_are_all_modules_with_kernels() -> None:
    folder = Path(str(import_module("replicator_dr.render.path").__file__)).parent
    assert {path.stem for path in folder.glob("*.py") if "@wp.kernel" in path.read_text()} == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_kernels_compile_for_cuda(name: str, tmp_path: Path) -> None:
    start_warp()
    module = import_module(f"replicator_dr.render.path.{name}")
    wp.compile_aot_module(module, arch=80, module_dir=tmp_path, use_ptx=True)
    assert any(path.stat().st_size > 1000 for path in tmp_path.glob("*.ptx"))


@pytest.mark.cuda
@pytest.mark.parametrize("name", ["sun_on_boxes", "dome_on_balls", "texture", "depth_of_field"])
def test_cuda_gives_the_cpus_image(name: str) -> None:
    start_warp()
    if not wp.is_cuda_available():
        pytest.skip("no CUDA device")
    case = CASES[name]
    scene, frames = case.arrays()
    image = PathTracer(scene, "cuda:0").render(frames, VIEW, case.samples, case.bounces)[0]
    # The same numbers, rounded differently here and there.
    np.testing.assert_allclose(blocks(image), blocks(traced(name)), atol=0.2 * case.tolerance + 1e-4)
