"""Render products: names, reuse, tiles, and the handles that scripts use."""

from __future__ import annotations

import pytest

from replicator_dr.engines.embedded.api import vp_manager
from replicator_dr.engines.embedded.api.render_products import render_product, render_product_tiled
from replicator_dr.engines.embedded.products import ProductPool
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError, UnsupportedError
from tests.flat_world import FlatRuntime


@pytest.fixture
def runtime() -> Runtime:
    runtime = Runtime()
    for index in range(3):
        runtime.stage.DefinePrim(f"/Replicator/Camera_Xform_{index:02d}", "Xform")
        runtime.stage.DefinePrim(f"/Replicator/Camera_Xform_{index:02d}/Camera", "Camera")
    runtime.stage.DefinePrim("/Replicator/Cube", "Cube")
    return runtime


def path(index: int) -> str:
    return f"/Replicator/Camera_Xform_{index:02d}/Camera"


def test_names_count_up_and_equal_products_are_reused(runtime: Runtime) -> None:
    with activate(runtime):
        first = render_product(path(0), (64, 48))
        again = render_product("/Replicator/Camera_Xform_00", (64, 48))
        other = render_product(path(0), (32, 48))
        forced = render_product(path(0), (64, 48), force_new=True)
        named = render_product(path(0), (64, 48), name="left")
        twice = render_product(path(0), (64, 48), name="left")
    assert again is first
    assert first.path == "/Render/HydraTextures/Replicator"
    assert [product.name for product in (other, forced, named, twice)] == [
        "Replicator_01",
        "Replicator_02",
        "left",
        "left_01",
    ]


def test_a_list_of_cameras_gives_a_list_and_one_gives_one(runtime: Runtime) -> None:
    with activate(runtime):
        several = render_product([path(0), path(1)], (8, 8))
        single = render_product(runtime.stage.GetPrimAtPath(path(2)), (8, 8))
    assert [product.cameras for product in several] == [(path(0),), (path(1),)]
    assert single.cameras == (path(2),)


def test_tiles_make_the_smallest_square_grid(runtime: Runtime) -> None:
    with activate(runtime):
        three = render_product_tiled([path(0), path(1), path(2)], (10, 20))
    assert three.tiled
    assert three.columns == 2
    assert three.resolution == (20, 40)
    five = ProductPool().add(tuple("abcde"), (10, 20), tiled=True)
    assert (five.columns, five.resolution) == (3, (30, 40))


def test_the_handle_can_be_switched_off_and_destroyed(runtime: Runtime) -> None:
    with activate(runtime):
        product = render_product(path(0), (64, 48))
        assert product.hydra_texture.get_camera_path() == path(0)
        assert product.hydra_texture.get_render_product_path() == product.path
        assert (product.hydra_texture.width, product.hydra_texture.height) == (64, 48)
        product.hydra_texture.set_updates_enabled(False)
        assert not product.hydra_texture.updates_enabled
        assert vp_manager.attach_hydra_texture(product.path) is product
        prim = runtime.stage.GetPrimAtPath(product.path)
        assert prim.GetTypeName() == "RenderProduct"
        assert tuple(prim.GetAttribute("resolution").Get()) == (64, 48)
        assert prim.GetRelationship("camera").GetTargets() == [path(0)]
        product.destroy()
        product.destroy()
        assert not runtime.stage.GetPrimAtPath(product.path)
        with pytest.raises(EngineError, match="there is no render product '/Render/HydraTextures/Replicator'"):
            vp_manager.attach_hydra_texture(product.path)


def test_leftovers_go_by_the_beginning_of_their_name(runtime: Runtime) -> None:
    with activate(runtime):
        render_product(path(0), (64, 48))
        render_product(path(1), (64, 48))
        kept = render_product(path(0), (64, 48), name="mine")
        vp_manager.destroy_hydra_textures("Replicator")
    assert runtime.products.products == [kept]


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        ("/Nowhere", "there is no prim /Nowhere to render from"),
        ("/Replicator/Cube", "/Replicator/Cube is a Cube without a camera in it"),
        (3, "3 is no camera; give an item of create.camera"),
        ([], "there is no camera to render from"),
    ],
)
def test_what_is_no_camera_is_told(runtime: Runtime, camera: object, message: str) -> None:
    with activate(runtime), pytest.raises(EngineError, match=message):
        render_product(camera, (8, 8))


def test_arguments_that_cannot_be_honoured_are_named(runtime: Runtime) -> None:
    with activate(runtime):
        with pytest.raises(UnsupportedError, match=r"render_vars is not supported .*; attach the annotators wanted"):
            render_product(path(0), (8, 8), render_vars=["LdrColor"])
        with pytest.raises(EngineError, match="0 x 8 pixels"):
            render_product(path(0), (0, 8))


def test_a_product_whose_camera_is_gone_says_so(runtime: Runtime) -> None:
    from replicator_dr.engines.embedded.loop.capture import capture

    flat = FlatRuntime()
    product = flat.products.add(("/Gone",), (8, 8), name="view")
    state = flat.evaluate([0])  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="'view' looks through /Gone, which is not on the stage; cameras are: /World"):
        capture(flat.products.renderer(flat.scene()), flat.scene(), state, [product])
