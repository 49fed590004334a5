"""What is worked out beyond the ordinary labels reaches other processes, tiles and stepped sessions alike."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded import api as rep
from replicator_dr.engines.embedded.loop.capture_plan import plan_for
from replicator_dr.engines.embedded.loop.neighbours import with_neighbours
from replicator_dr.engines.embedded.loop.shared_batch import described, labelled, plain, put, restored
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError
from tests.labels.test_keypoints import varied

NAMES = ("amodal_segmentation", "silhouette", "keypoints", "motion_vectors", "optical_flow", "scene_flow", "draws",
         "panoptic_segmentation")  # fmt: skip


def test_a_batch_that_was_sent_gives_the_same() -> None:
    with build_graph(varied(), device="cpu") as graph:
        session: Any = graph._session
        plan = plan_for(session.products, [(product, NAMES) for product in session.products])
        runtime, scene = session.runtime, session.scene()
        state = with_neighbours(session.sample(range(4)), runtime.evaluate, plan.steps)
        batch = plan.capture(runtime.products.renderer(scene), scene, state, StageClock(), runtime.seed)
        message, images = described(batch, slice(1, 3))
        memory = bytearray(message.size)
        put(memory, images)
        products = {product.name: plain(product) for product in batch.products}
        there = restored(
            pickle.loads(pickle.dumps(message)), memory, pickle.loads(pickle.dumps(labelled(scene))), products
        )
        for name in NAMES:
            sent, own = (one.annotator(name, "eye") for one in (there, batch))
            for index in range(2):
                np.testing.assert_equal(sent.frame(index), own.frame(index + 1))


def test_motion_needs_the_neighbours() -> None:
    with build_graph(varied(), device="cpu") as graph:
        session: Any = graph._session
        plan = plan_for(session.products, [(session.products[0], ("optical_flow",))])
        renderer = session.runtime.products.renderer(session.scene())
        with pytest.raises(EngineError, match="the next frame was not evaluated with this batch"):
            plan.capture(renderer, session.scene(), session.sample([0]), StageClock(), 0)


def moving() -> Any:
    """A cube that goes to the right by a tenth of a metre a frame, before a camera two metres away."""
    camera = rep.create.camera(position=(0, -2, 0), look_at=(0, 0, 0))
    cube = rep.create.cube(scale=0.5, semantics={"class": "box"})
    with rep.trigger.on_frame():
        places = [(0.1 * k, 0, 0) for k in range(5)]
        rep.modify.pose(position=rep.distribution.sequence(places), input_prims=cube)
    return camera


def test_a_stepped_session_knows_what_moved() -> None:
    focal = 64 * 24 / 20.955
    with activate(Runtime()):
        product = rep.create.render_product(moving(), (64, 48))
        vectors = rep.annotators.get("motion_vectors").attach(product)
        for k in range(3):
            rep.orchestrator.step()
            data = vectors.get_data()
            middle = int(32 + focal * 0.1 * k / 1.75)
            expected = [0.0 if k == 0 else -focal * 0.1 / 1.75, 0, 0, 0]
            np.testing.assert_allclose(data[24, middle], expected, atol=1e-4)


def test_tiles_have_the_motion_of_their_cameras() -> None:
    with activate(Runtime()):
        camera = moving()
        tiled = rep.create.render_product_tiled([camera, camera], (32, 24))
        vectors = rep.annotators.get("optical_flow").attach(tiled)
        rep.orchestrator.step()
        data = vectors.get_data()
        assert data.shape == (24, 64, 2)
        np.testing.assert_array_equal(data[:, :32], data[:, 32:])
        np.testing.assert_allclose(data[12, 16], [32 * 24 / 20.955 * 0.1 / 1.75, 0], atol=1e-4)
