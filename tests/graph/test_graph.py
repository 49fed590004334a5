"""run, step, frames and preview: four ways to the same frames."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from replicator_dr.errors import EngineError, OutputError
from replicator_dr.graph import build_graph
from replicator_dr.plugins import WriterPlugin, register_writer
from replicator_dr.spec import load_spec
from replicator_dr.spec.registry import WRITERS

SPEC: dict[str, Any] = {
    "name": "few",
    "seed": 2,
    "create": {
        "floor": {"plane": {"scale": 4}, "semantics": {"class": "floor"}},
        "balls": {"sphere": {"count": 3, "scale": 0.4}, "semantics": {"class": "ball"}},
        "sun": {"light": {"intensity": 2000, "rotation": [-30, 20, 0]}},
        "left": {"camera": {"position": [3, 0.5, 2], "look_at": [0, 0, 0]}},
        "right": {"camera": {"position": [3, -0.5, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [{"pose": {"prims": "balls", "position": {"uniform": [[-1, -1, 0.2], [1, 1, 0.6]]}}}],
        }
    ],
    "render_products": [
        {"cameras": ["left", "right"], "resolution": [48, 32]},
        {"cameras": "left", "resolution": [24, 16], "name": "small"},
    ],
}


@pytest.fixture
def notes() -> Any:
    """A writer that keeps what it is given."""
    kept: list[Any] = []

    class Notes(WriterPlugin):
        """Keep what is written."""

        def build(self, rep: ModuleType, dataset_info: Any) -> Any:
            class NotesWriter(rep.Writer):  # type: ignore[misc, name-defined]
                def __init__(self, output_dir: str) -> None:
                    self.annotators = [rep.AnnotatorRegistry.get_annotator("distance_to_image_plane")]
                    self.data_structure = "renderProduct"
                    self.output_dir = output_dir

                def write(self, data: dict[str, Any]) -> None:
                    products = data["renderProducts"]
                    images = {name: p["distance_to_image_plane"]["data"].copy() for name, p in products.items()}
                    kept.append((self.output_dir, data["frame"], images))

            kept.append(dataset_info)
            return NotesWriter(self.output_dir)

    register_writer(Notes)
    yield kept
    WRITERS.unregister("notes")


def test_products_are_named_after_cameras_or_as_the_spec_says() -> None:
    with build_graph(SPEC) as graph:
        assert [product.name for product in graph.products] == ["left", "right", "small"]


def test_all_ways_show_the_same_frames(notes: list[Any]) -> None:
    with build_graph({**SPEC, "writers": [{"notes": {}}]}) as graph:
        streamed = {}
        for batch in graph.frames(4, start=1, batch=3):
            for index, frame in enumerate(batch["frames"]):
                streamed[int(frame)] = {p.name: batch[p.name]["distance_to_image_plane"][index] for p in graph.products}
        assert sorted(streamed) == [1, 2, 3, 4]
        graph.run(4, start=1, batch=1)
        written = {frame: images for _, frame, images in notes[1:]}
        preview = graph.preview(3)
        notes.clear()
        for _ in range(4):
            graph.step()
        graph.finish()
        stepped = {frame: images for _, frame, images in notes[1:]}
    assert sorted(written) == [1, 2, 3, 4]
    assert sorted(stepped) == [0, 1, 2, 3]
    for frame, images in streamed.items():
        for name, image in images.items():
            assert np.isfinite(image).any()
            np.testing.assert_array_equal(written[frame][name], image)
            if frame in stepped:
                np.testing.assert_array_equal(stepped[frame][name], image)
    np.testing.assert_array_equal(preview["left"]["distance_to_image_plane"]["data"], streamed[3]["left"])


def test_writers_are_told_about_the_spec(notes: list[Any]) -> None:
    spec = load_spec({**SPEC, "writers": [{"notes": {"output_dir": "_out/notes"}}]})
    with build_graph(spec) as graph:
        graph.run(1)
    info = notes[0]
    assert json.loads(json.dumps(info)) == info
    assert (info["name"], info["seed"], info["spec_hash"]) == ("few", 2, spec.digest())
    assert info["spec"] == spec.resolved()
    assert "replicator_dr" in info["versions"]


def test_output_dir_of_a_run_wins(notes: list[Any], tmp_path: Path) -> None:
    with build_graph({**SPEC, "writers": [{"notes": {"output_dir": "_out/notes"}}]}) as graph:
        assert graph.output_dirs == [Path.cwd() / "_out/notes"]
        graph.run(1, output_dir=tmp_path / "a")
        assert graph.output_dirs == [tmp_path / "a"]
        graph.run(1, output_dir=tmp_path / "b")
    assert [entry[0] for entry in notes if isinstance(entry, tuple)] == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_several_writers_get_folders_below(notes: list[Any], tmp_path: Path) -> None:
    with build_graph({**SPEC, "writers": [{"notes": {}}, {"notes": {}}]}) as graph:
        with pytest.raises(OutputError, match="two writers share the folder"):
            graph.run(1)
        graph.run(1, output_dir=tmp_path)
        assert graph.output_dirs == [tmp_path / "notes_0", tmp_path / "notes_1"]


def test_graphs_live_side_by_side() -> None:
    other = {**SPEC, "seed": 3}
    with build_graph(SPEC) as first, build_graph(other) as second:
        together = zip(first.frames(2, batch=1), second.frames(2, batch=1))
        pairs = [(a["draws"]["balls.pose.position"], b["draws"]["balls.pose.position"]) for a, b in together]
    with build_graph(SPEC) as alone:
        expected = [batch["draws"]["balls.pose.position"] for batch in alone.frames(2, batch=1)]
    for (one, two), value in zip(pairs, expected):
        np.testing.assert_array_equal(one, value)
        assert (one != two).any()


def test_nothing_to_write_is_said() -> None:
    with build_graph(SPEC) as graph, pytest.raises(EngineError, match="no writers, so nothing would be kept"):
        graph.run(1)


def test_frames_below_zero_are_refused(notes: list[Any]) -> None:
    with build_graph({**SPEC, "writers": [{"notes": {}}]}) as graph, pytest.raises(EngineError, match="count from 0"):
        graph.run(1, start=-1)


def test_overwrite_spares_folders_that_hold_other_things(notes: list[Any], tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    graph = build_graph({**SPEC, "writers": [{"notes": {}}]})
    with graph, pytest.raises(OutputError, match="holds no dataset; it is not deleted"):
        graph.run(1, output_dir=tmp_path, overwrite=True)
    assert (tmp_path / "thesis.tex").exists()


def test_frames_whose_objects_would_have_no_ids_are_refused(notes: list[Any]) -> None:
    graph = build_graph({**SPEC, "writers": [{"notes": {}}]})
    with graph, pytest.raises(EngineError, match="frame 1000000000 has no number that all formats can hold"):
        graph.run(2, start=10**9 - 1)


@pytest.mark.parametrize("theirs", ["manifest.json", "journal.jsonl"])
def test_overwrite_spares_what_others_call_by_the_same_names(tmp_path: Path, theirs: str) -> None:
    for name in (theirs, "thesis.tex"):
        (tmp_path / name).write_text("mine\n")
    graph = build_graph({**SPEC, "writers": [{"coco_depth": {}}]})
    with graph, pytest.raises(OutputError, match="is not empty and holds no dataset of this writer"):
        graph.run(1, output_dir=tmp_path, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {theirs, "thesis.tex"}


def test_overwrite_keeps_what_lies_beside_a_dataset(tmp_path: Path) -> None:
    spec = {**SPEC, "writers": [{"coco_depth": {}}]}
    with build_graph(spec) as graph:
        graph.run(3, output_dir=tmp_path)
    (tmp_path / "preview.png").write_text("a sheet")
    with build_graph({**spec, "seed": 99}) as graph:
        graph.run(1, output_dir=tmp_path, overwrite=True)
    assert (tmp_path / "preview.png").read_text() == "a sheet"
    assert len(json.loads((tmp_path / "annotations.json").read_text())["images"]) == len(
        list((tmp_path / "rgb").glob("*/*"))
    )


def test_the_stage_can_be_exported(tmp_path: Path) -> None:
    from pxr import Usd

    with build_graph(SPEC) as graph:
        graph.stage.Export(str(tmp_path / "scene.usda"))
    stage = Usd.Stage.Open(str(tmp_path / "scene.usda"))
    assert stage.GetPrimAtPath("/Replicator/balls_02")


def test_overrides_go_with_files_and_dicts_only() -> None:
    with pytest.raises(TypeError, match="give them to load_spec"):
        build_graph(load_spec(SPEC), overrides=("seed=1",))
