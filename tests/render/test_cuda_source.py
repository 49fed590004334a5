"""The kernels compile for CUDA, which needs no GPU: a name that only CPU compilers know shows here."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import warp as wp

from replicator_dr.render.start import start_warp

MODULES = (
    "frame_setup",
    "ground",
    "light_setup",
    "map_fit",
    "projection",
    "raster",
    "tiles",
    "rays",
    "ray_setup",
    "ray_raster",
    "ray_extent",
    "labels",
    "object_masks",
    "normals",
    "shadow",
    "occlusion",
    "shade",
    "shade_plain",
    "shade_patterned",
    "film",
    "film_patterned",
    "develop",
    "jpeg",
    "chromatic",
    "gaussian",
    "depth_sensor",
    "clearance",
    "tensors",
    "flow",
    "seen_triangles",
    "deform",
    "moved_boxes",
)
ON_CPU_ONLY = ("bands",)


def test_these_are_all_modules_with_kernels() -> None:
    folder = Path(str(import_module("replicator_dr.render").__file__)).parent
    assert {path.stem for path in folder.glob("*.py") if "@wp.kernel" in path.read_text()} == {*MODULES, *ON_CPU_ONLY}


@pytest.mark.parametrize("name", MODULES)
def test_kernels_compile_for_cuda(name: str, tmp_path: Path) -> None:
    start_warp()
    module = import_module(f"replicator_dr.render.{name}")
    wp.compile_aot_module(module, arch=80, module_dir=tmp_path, use_ptx=True)
    assert any(path.stat().st_size > 1000 for path in tmp_path.glob("*.ptx"))
