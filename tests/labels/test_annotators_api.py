"""Annotators as objects: attach, get_data, augment, and the registry."""

from __future__ import annotations

import numpy as np
import pytest
import warp as wp

from replicator_dr.engines.embedded.api import annotators, orchestrator
from replicator_dr.engines.embedded.api.annotators import AnnotatorRegistry, Augmentation
from replicator_dr.engines.embedded.api.errors import AnnotatorError, AnnotatorRegistryError
from replicator_dr.errors import EngineError, UnsupportedError
from tests.flat_world import FlatRuntime


@wp.kernel
def swap_channels(
    data_in: wp.array(dtype=wp.uint8, ndim=3), data_out: wp.array(dtype=wp.uint8, ndim=3), add: wp.int32
) -> None:
    row, column = wp.tid()
    for channel in range(3):
        data_out[row, column, channel] = wp.uint8(wp.int32(data_in[row, column, 2 - channel]) + add)


@wp.kernel
def seeded(
    data_in: wp.array(dtype=wp.float32, ndim=2), data_out: wp.array(dtype=wp.float32, ndim=2), seed: int
) -> None:
    row, column = wp.tid()
    state = wp.rand_init(seed, row * data_in.shape[1] + column)
    data_out[row, column] = data_in[row, column] + wp.randf(state)


def test_data_is_empty_before_the_first_step(runtime: FlatRuntime) -> None:
    annotator = annotators.get("rgb").attach(runtime.product("view"))
    assert annotator.get_data().size == 0
    orchestrator.step()
    assert annotator.get_data().shape == (48, 64, 4)


def test_data_belongs_to_the_last_step(runtime: FlatRuntime) -> None:
    annotator = annotators.get("bounding_box_2d_loose").attach(runtime.product("view").path)
    orchestrator.step()
    first = annotator.get_data()["data"].copy()
    orchestrator.step()
    assert not np.array_equal(first, annotator.get_data()["data"])


def test_the_forms_of_data(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    names = ("rgb", "semantic_segmentation", "camera_params")
    rgb, labels, camera = (annotators.get(name).attach(product) for name in names)
    orchestrator.step()
    assert isinstance(rgb.get_data(), np.ndarray)
    assert set(labels.get_data()) == {"data", "info"}
    assert set(labels.get_data(use_legacy_structure=False)) == {"data", "idToLabels"}
    assert "cameraFocalLength" in camera.get_data()
    copy = rgb.get_data(do_array_copy=True)
    copy[:] = 0
    assert rgb.get_data().any()


def test_attaching(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    annotator = AnnotatorRegistry.get_annotator("normals").attach([product])
    assert annotator.is_attached
    with pytest.raises(NotImplementedError, match="attached to one render product"):
        annotators.get("rgb").attach([product, runtime.product("b")])
    with pytest.raises(AnnotatorError, match="'normals' is attached; initialize it before"):
        annotator.initialize(colorize=True)
    annotator.detach()
    assert runtime.products.annotators == []
    with pytest.raises(AnnotatorError, match="'normals' is not attached to a render product"):
        annotator.get_data()


def test_parameters_are_checked_at_once() -> None:
    with pytest.raises(UnsupportedError, match="annotator 'rgb': the parameter 'colorize' is not supported here"):
        annotators.get("rgb", init_params={"colorize": True})


def test_a_kernel_changes_the_data(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    plain = annotators.get("rgb").attach(product)
    changed = annotators.get("rgb").augment(swap_channels, data_out_shape=(-1, -1, 3), add=1).attach(product)
    orchestrator.step()
    assert changed.get_data().shape == (48, 64, 3)
    assert np.array_equal(changed.get_data(), plain.get_data()[..., 2::-1] + np.uint8(1))


def test_a_kernel_without_its_argument_is_told(runtime: FlatRuntime) -> None:
    annotator = annotators.get("rgb").augment(swap_channels).attach(runtime.product("view"))
    orchestrator.step()
    with pytest.raises(EngineError, match=r"the kernel .*swap_channels needs add; give them to augment\(\)"):
        annotator.get_data()


def test_seeds_of_changes_follow_the_frame_alone(runtime: FlatRuntime) -> None:
    product = runtime.product("view")
    noisy = annotators.get("distance_to_image_plane").augment(seeded).attach(product)
    exact = annotators.get("distance_to_image_plane").attach(product)
    noise = []
    for _ in range(2):
        for _ in range(2):
            orchestrator.step()
            noise.append(noisy.get_data()[24, 32] - exact.get_data()[24, 32])
        orchestrator.wait_until_complete()
    assert noise[0] == noise[2]
    assert noise[1] == noise[3]
    assert noise[0] != noise[1]


def test_registered_changes_and_annotators(runtime: FlatRuntime) -> None:
    annotators.register_augmentation("invert", Augmentation.from_function(lambda data: 255 - data))
    annotators.register("negative", annotators.augment("rgb", "invert"))
    try:
        assert "negative" in annotators.get_registered_annotators()
        negative = annotators.get("negative").attach(runtime.product("view"))
        positive = annotators.get("rgb").attach(negative.product)
        orchestrator.step()
        assert np.array_equal(negative.get_data(), 255 - positive.get_data())
        assert negative.get_name() == "negative"
    finally:
        AnnotatorRegistry.unregister_annotator("negative")
        annotators.unregister_augmentation("invert")
    with pytest.raises(AnnotatorRegistryError, match="there is no augmentation 'invert'"):
        annotators.get_augmentation("invert")


def test_several_changes_go_one_after_the_other(runtime: FlatRuntime) -> None:
    def half(data: np.ndarray) -> np.ndarray:
        return data // 2

    def minus_one(data: np.ndarray) -> np.ndarray:
        return np.maximum(data, 1) - np.uint8(1)

    product = runtime.product("view")
    plain = annotators.get("rgb").attach(product)
    both = annotators.augment_compose("rgb", [half, minus_one]).attach(product)
    orchestrator.step()
    assert np.array_equal(both.get_data(), minus_one(half(plain.get_data())))


def test_what_needs_kit_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"use Augmentation.from_function"):
        Augmentation.from_node("omni.x", {})
    with pytest.raises(UnsupportedError, match="derive the annotator from another one"):
        AnnotatorRegistry.register_annotator_from_node("x", [], "omni.x")
    with pytest.raises(UnsupportedError, match="render variable 'X' does not exist"):
        AnnotatorRegistry.register_annotator_from_aov("X")
    with pytest.raises(UnsupportedError, match=r"no OmniGraph nodes; use get_data\(\)"):
        annotators.get("rgb").get_node()
