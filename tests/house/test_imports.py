"""What importing costs, and that heavy libraries stay at home."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("warp", "pxr", "torch", "trimesh", "PIL", "isal", "pycocotools", "scipy", "tensorflow")


def modules_after(code: str) -> set[str]:
    """The top-level modules loaded in a fresh interpreter after running ``code``."""
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import replicator_dr",
        "import replicator_dr; replicator_dr.load_spec",
        "import replicator_dr.plugins",
        "import replicator_dr.rep",
        "import replicator_dr.data; replicator_dr.data.WrittenSamples",
        "import replicator_dr.data; replicator_dr.data.LiveSamples",
        "import replicator_dr.labels.records, replicator_dr.labels.keypoints, replicator_dr.labels.whole_objects",
        "import replicator_dr.dataset.writer, replicator_dr.run.merge",
        "import writers.bop, writers.coco_depth, writers.coco_panoptic",
        "import writers.hf_imagefolder, writers.parquet, writers.tfrecord, writers.webdataset",
    ],
)
def test_importing_loads_nothing_heavy(code: str) -> None:
    assert modules_after(code).isdisjoint(HEAVY)


def test_package_itself_loads_neither_numpy_nor_pydantic() -> None:
    assert modules_after("import replicator_dr").isdisjoint({"numpy", "pydantic", "yaml", "typer", "rich"})


def test_reading_a_dataset_loads_neither_the_language_nor_a_writer() -> None:
    loaded = modules_after("from replicator_dr.data import WrittenSamples")
    assert loaded.isdisjoint({*HEAVY, "pydantic", "yaml", "writers", "randomizers"})


def test_command_line_loads_no_library_before_a_command_runs() -> None:
    loaded = modules_after("import replicator_dr.cli.app")
    assert loaded.isdisjoint({*HEAVY, "numpy", "pydantic", "yaml"})


def test_the_probe_sees_what_is_loaded() -> None:
    assert "pycocotools" in modules_after("import pycocotools.mask")


def test_public_names_are_the_public_surface() -> None:
    import replicator_dr

    public = {
        name
        for name, value in vars(replicator_dr).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("replicator_dr")
    }
    assert public <= set(replicator_dr.__all__)
    assert sorted(replicator_dr.__all__) == sorted(set(replicator_dr.__all__))
    for name in replicator_dr.__all__:
        assert getattr(replicator_dr, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = replicator_dr.nonsense
