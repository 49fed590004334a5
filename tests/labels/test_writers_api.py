"""Writers as Replicator's clients use them: the registry, the life cycle, triggers and the three layouts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded.api import annotators, orchestrator, writers
from replicator_dr.engines.embedded.api.errors import InvalidWriterError, WriterError, WriterRegistryError
from replicator_dr.engines.embedded.api.writers import Writer, WriterRegistry
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.nodes import TriggerNode
from replicator_dr.engines.embedded.triggers import OnCustomEvent, OnFrame
from replicator_dr.errors import EngineError, UnsupportedError
from tests.flat_world import CAMERA, FlatRuntime, frame_rectangles


class Recorder(Writer):
    """Keeps what it is given."""

    def __init__(self, names: tuple[Any, ...] = ("rgb",), layout: str = "legacy") -> None:
        self.annotators = list(names)
        self.data_structure = layout
        self.frames: list[dict[str, Any]] = []
        self.finals = 0

    def write(self, data: dict[str, Any]) -> None:
        self.frames.append(data)

    def on_final_frame(self) -> None:
        self.finals += 1


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    WriterRegistry.register(Recorder)
    yield
    WriterRegistry.unregister("Recorder")


def recorded(
    runtime: FlatRuntime, products: Any, frames: int = 1, trigger: Any = writers.EVERY_FRAME, **params: Any
) -> Recorder:
    writer = WriterRegistry.get("Recorder", init_params=params)
    writer.attach(products, trigger)
    pipeline.run(runtime, frames)  # type: ignore[arg-type]
    assert isinstance(writer, Recorder)
    return writer


def test_get_does_not_run_init_and_initialize_does() -> None:
    writer = writers.get("Recorder")
    assert not hasattr(writer, "frames")
    writer.initialize(names=("normals",))
    assert writer.annotators == ["normals"]
    assert writers.get("Recorder", init_params={"names": ("rgb",)}).annotators == ["rgb"]


def test_writers_do_not_share_their_lists() -> None:
    first, second = writers.get("Recorder"), writers.get("Recorder")
    first.add_annotator("rgb")
    assert second.annotators == []


def test_unknown_writers_and_things_that_are_none() -> None:
    with pytest.raises(WriterRegistryError, match=r"there is no writer 'Recoder'; registered are: .*Recorder"):
        WriterRegistry.get("Recoder")
    with pytest.raises(InvalidWriterError, match="is no writer; register a class derived from"):
        writers.register_writer(dict)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="cannot run on the embedded runtime"):
        writers.register_node_writer("X", "omni.X", [])


def test_the_registry_knows_categories_and_what_is_attached(runtime: FlatRuntime) -> None:
    WriterRegistry.register(Recorder, category="test")
    assert WriterRegistry.get_writers("test") == {"Recorder": Recorder}
    assert "BasicWriter" in WriterRegistry.get_writers()
    product, other = runtime.product("a"), runtime.product("b")
    writer = WriterRegistry.get("Recorder", init_params={}, render_products=product)
    assert WriterRegistry.get_attached_writer("Recorder", product.path) is writer
    assert WriterRegistry.get_attached_writers([other]) == []
    assert WriterRegistry.get_writer_render_products() == [product.path]
    assert [annotator.name for annotator in WriterRegistry.get_annotators()] == ["rgb"]
    WriterRegistry.detach("Recorder")
    assert runtime.writers == []


def test_legacy_layout_of_one_product(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    names = ("rgb", "bounding_box_2d_tight_fast", "camera_params")
    data = recorded(runtime, product, names=names).frames[0]
    assert data["rp_view"] == {"camera": CAMERA, "resolution": (64, 48)}
    assert data["rgb"].shape == (48, 64, 4)
    assert set(data["bounding_box_2d_tight_fast"]) == {"data", "info"}
    assert set(data["bounding_box_2d_tight_fast"]["info"]) == {"idToLabels", "bboxIds", "primPaths"}
    assert "cameraViewTransform" in data["camera_params"]


def test_legacy_layout_of_several_products(runtime: FlatRuntime) -> None:
    data = recorded(runtime, [runtime.product("left"), runtime.product("right", (32, 16))]).frames[0]
    assert data["rgb-left"].shape == (48, 64, 4)
    assert data["rgb-right"].shape == (16, 32, 4)
    assert [key for key in data if key.startswith("rp_")] == ["rp_left", "rp_right"]
    assert "rgb" not in data


def test_render_product_layout(runtime: FlatRuntime) -> None:
    names = ("rgb", "instance_segmentation_fast", "camera_params")
    data = recorded(runtime, runtime.product("view"), names=names, layout="renderProduct").frames[0]
    view = data["renderProducts"]["view"]
    assert (view["camera"], view["resolution"]) == (CAMERA, (64, 48))
    assert set(view["rgb"]) == {"data"}
    assert set(view["instance_segmentation_fast"]) == {"data", "idToLabels", "idToSemantics"}
    assert "cameraViewTransform" in view["camera_params"]


def test_annotator_layout(runtime: FlatRuntime) -> None:
    products = [runtime.product("left"), runtime.product("right")]
    data = recorded(runtime, products, names=("rgb", "occlusion"), layout="annotator").frames[0]
    assert data["annotators"]["rgb"]["right"]["data"].shape == (48, 64, 4)
    assert data["annotators"]["camera"] == {"left": CAMERA, "right": CAMERA}
    assert data["annotators"]["resolution"]["left"] == (64, 48)
    assert set(data["annotators"]["occlusion"]["left"]) == {"data"}


def test_what_is_always_in_the_payload(runtime: FlatRuntime) -> None:
    frames = recorded(runtime, runtime.product("view"), 3).frames
    assert [data["trigger_outputs"] for data in frames] == [{"on_frame": 1}, {"on_frame": 2}, {"on_frame": 3}]
    assert frames[2]["distribution_outputs"]["look"] == ["red", "blue"]
    assert frames[2]["distribution_outputs"]["size"] == frame_rectangles(np.array([2]))[0, :, 3:].tolist()
    assert [data["reference_time"][0] for data in frames] == [0, 1, 2]
    assert [data["frame"] for data in frames] == [0, 1, 2]
    assert frames[0]["swhFrameNumber"] == 0
    assert frames[0]["named_outputs"] == {}


def test_an_unknown_layout_is_named(runtime: FlatRuntime) -> None:
    with pytest.raises(EngineError, match="data_structure is 'tree'; it is one of legacy, renderProduct, annotator"):
        recorded(runtime, runtime.product("view"), layout="tree")


def test_writes_come_once_a_frame_in_order_and_end_with_the_final_hook(runtime: FlatRuntime) -> None:
    writer = recorded(runtime, [runtime.product("a"), runtime.product("b")], 23)
    assert [data["frame"] for data in writer.frames] == list(range(23))
    assert writer.num_written == 23
    assert writer.finals == 1


def test_a_trigger_decides_which_frames_are_written(runtime: FlatRuntime) -> None:
    every_third = TriggerNode("trigger.on_frame", OnFrame(interval=3), {})
    writer = recorded(runtime, runtime.product("view"), 8, every_third)
    assert [data["frame"] for data in writer.frames] == [0, 3, 6]
    event = TriggerNode("trigger.on_custom_event", OnCustomEvent(event_name="go", frames=[2, 5]), {})
    writer.detach()
    assert [data["frame"] for data in recorded(runtime, runtime.product("b"), 8, event).frames] == [2, 5]


def test_a_function_may_decide(runtime: FlatRuntime) -> None:
    answers = iter([True, False, False, True])
    writer = recorded(runtime, runtime.product("view"), 4, lambda: next(answers))
    assert [data["frame"] for data in writer.frames] == [0, 3]


def test_without_a_trigger_writes_are_scheduled(runtime: FlatRuntime) -> None:
    writer = WriterRegistry.get("Recorder", init_params={})
    writer.attach(runtime.product("view"), trigger=None)
    orchestrator.step()
    writer.schedule_write()
    orchestrator.step()
    orchestrator.step()
    orchestrator.wait_until_complete()
    assert [data["frame"] for data in writer.frames] == [1]  # type: ignore[attr-defined]
    assert writer.get_data()["frame"] == 1


def test_nodes_of_kit_cannot_be_triggers(runtime: FlatRuntime) -> None:
    writer = WriterRegistry.get("Recorder", init_params={})
    with pytest.raises(UnsupportedError, match=r"the trigger node 'omni.graph.X' does not exist"):
        writer.attach(runtime.product("view"), trigger="omni.graph.X")
    with pytest.raises(WriterError, match="there is no render product in the list"):
        writer.attach([])


def test_a_product_that_is_switched_off_is_not_written(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    writer = WriterRegistry.get("Recorder", init_params={}, render_products=product)
    product.hydra_texture.set_updates_enabled(False)
    orchestrator.step()
    product.hydra_texture.set_updates_enabled(True)
    orchestrator.step()
    assert [data["frame"] for data in writer.frames] == [1]  # type: ignore[attr-defined]


def test_annotators_may_be_objects_with_parameters_and_changes(runtime: FlatRuntime) -> None:
    bright = annotators.get("rgb").augment(lambda data: 255 - data)
    plain = annotators.get("instance_segmentation", init_params={"colorize": True})
    writer = WriterRegistry.get("Recorder", init_params={"names": (bright, plain)})
    writer.attach(runtime.product("view"))
    writer.augment_annotator("rgb", lambda data, gain: data // gain, gain=2)
    pipeline.run(runtime, 1)  # type: ignore[arg-type]
    data = writer.frames[0]  # type: ignore[attr-defined]
    captured = runtime.products.captured
    assert captured is not None
    rgb = captured.batch.view("view").rendered.rgb
    assert rgb is not None
    assert np.array_equal(data["rgb"], (255 - rgb[0]) // 2)
    assert data["instance_segmentation"]["data"].shape == (48, 64, 4)
    assert [annotator.name for annotator in writer.get_annotators()] == ["rgb", "instance_segmentation"]
    with pytest.raises(WriterError, match="has no annotator 'depth'; it has: rgb, instance_segmentation"):
        writer.get_annotator("depth")
