"""Who is who: segments of things and stuff, identities that outlast changes of the scene, draws as columns."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded.annotate.annotators_panoptic import STUFF
from replicator_dr.pool.identity import uid
from replicator_dr.storage.categories import levels, supercategories, supercategory_of
from replicator_dr.storage.flat_draws import draw_columns, flat_draws

SPEC: dict[str, Any] = {
    "name": "identity",
    "seed": 3,
    "create": {
        "floor": {"plane": {"scale": 3}, "semantics": {"class": "floor"}},
        "wall": {"cube": {"position": [0, 2, 0], "scale": [3, 0.1, 2]}, "semantics": {"class": "wall"}},
        "patch": {"plane": {"position": [0, 0, 0.01]}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 2, "scale": 0.3}, "semantics": {"class": "goods/box"}},
        "stray": {"sphere": {"position": [1, 0, 0.3], "scale": 0.4}},
        "eye": {"camera": {"position": [0, -3, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [{"on_frame": {}, "randomize": [
        {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0.2], [1, 1, 0.6]]},
                  "size": {"uniform": [0.2, 0.3]}}},
        {"color": {"prims": "boxes", "colors": {"choice": [[1, 0, 0], [0, 1, 0]]}}},
    ]}],
    "render_products": [{"cameras": "eye", "resolution": [64, 48], "name": "eye"}],
}  # fmt: skip


def captured(spec: dict[str, Any], *names: str) -> dict[str, Any]:
    with build_graph(spec, device="cpu") as graph:
        found: dict[str, Any] = graph.preview(0, names)["eye"]
    return found


def test_stuff_is_one_segment_and_things_are_one_each() -> None:
    from replicator_dr.engines.embedded.loop.capture_plan import plan_for
    from replicator_dr.engines.embedded.loop.stage_clock import StageClock

    with build_graph(SPEC, device="cpu") as graph:
        session: Any = graph._session
        plan = plan_for(session.products, [(product, ("panoptic_segmentation",)) for product in session.products])
        scene = session.scene()
        batch = plan.capture(
            session.runtime.products.renderer(scene), scene, session.sample([0, 1]), StageClock(), session.runtime.seed
        )
        given = batch.annotator("panoptic_segmentation", "eye", stuff=["floor", "wall"])
        instance, semantic = (np.asarray(batch.annotator(name, "eye").data) for name in
                              ("instance_segmentation", "semantic_segmentation"))  # fmt: skip
        data, info = np.asarray(given.data), given.info(0)
    names = {segment["id"]: segment["labels"]["class"] for segment in info["segments"]}
    floor, wall = (next(number for number, name in names.items() if name == wanted) for wanted in ("floor", "wall"))
    assert data.dtype == np.uint32
    assert floor > STUFF
    assert wall > STUFF
    assert sorted(names.values()) == ["floor", "goods/box", "goods/box", "wall"]
    assert [segment["isthing"] for segment in info["segments"]] == [True, True, False, False]
    assert [segment["id"] for segment in info["segments"]] == sorted(names)
    # Both floors are one; the unlabelled ball and the background are void.
    np.testing.assert_array_equal(data == floor, semantic == floor - STUFF)
    assert len(np.unique(instance[data == floor])) == 2
    np.testing.assert_array_equal(data == 0, instance <= 1)
    assert (instance == 1).any()
    things = (data > 0) & (data < STUFF)
    np.testing.assert_array_equal(data[things], instance[things])
    assert things.any()


def test_without_stuff_all_are_things() -> None:
    shown = captured(SPEC, "panoptic_segmentation", "instance_segmentation")
    ids = shown["instance_segmentation"]["data"]
    np.testing.assert_array_equal(shown["panoptic_segmentation"]["data"], np.where(ids == 1, 0, ids))


def test_an_identity_is_that_of_the_path_alone() -> None:
    more = copy.deepcopy(SPEC)
    more["create"] = {
        "first": {"cube": {"position": [-1, 0, 0.5], "scale": 0.2}, "semantics": {"class": "new"}}
    } | more["create"]
    before, after = captured(SPEC, "coverage")["coverage"], captured(more, "coverage")["coverage"]
    known = dict(zip(before["primPaths"], before["uids"], strict=True))
    now = dict(zip(after["primPaths"], after["uids"], strict=True))
    assert known.items() <= now.items()
    assert len(set(now.values())) == len(now) == len(known) + 1
    ids, later = (dict(zip(one["primPaths"], one["data"]["instanceId"].tolist())) for one in (before, after))
    assert any(later[path] != number for path, number in ids.items())
    digest = hashlib.sha256(b"/Replicator/boxes").hexdigest()
    assert uid("/Replicator/boxes") == int(digest[:16], 16) // 2 == known["/Replicator/boxes"]
    assert max(now.values()) < 2**63


def test_all_tables_of_ours_name_identities() -> None:
    shown = captured(SPEC, "amodal_segmentation", "silhouette", "coverage", "panoptic_segmentation")
    for name in ("amodal_segmentation", "silhouette", "coverage"):
        assert shown[name]["uids"] == [uid(path) for path in shown[name]["primPaths"]]
        assert len(shown[name]["uids"]) == len(shown[name]["data"])
    for segment in shown["panoptic_segmentation"]["segments"]:
        assert segment["uid"] == uid(segment["primPath"])


def test_draws_are_columns_with_names_that_stay() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        state = graph.sample(range(3))
        rows = [graph.preview(frame, ("draws",))["eye"]["draws"] for frame in range(3)]
    columns = draw_columns(state.draws)
    position = state.draws["boxes.pose.position"]
    assert position.shape == (3, 2, 3)
    for sample in range(2):
        for component, axis in enumerate("xyz"):
            name = f"boxes.pose.position[{sample}].{axis}"
            np.testing.assert_array_equal(columns[name], position[:, sample, component])
            assert [row[name] for row in rows] == position[:, sample, component].tolist()
    assert "boxes.pose.size[0]" in columns
    assert "boxes.pose.size[1]" in columns
    assert [list(row) for row in rows] == [list(columns)] * 3
    assert all(type(value) is float for value in rows[0].values())


def test_other_things_and_wider_samples_keep_their_values() -> None:
    given = {"look": ["red", "blue"], "lens.k": [[1.0, 2.0, 3.0, 4.0, 5.0]], "on": [[True]]}
    assert flat_draws(given) == {
        "look[0]": "red", "look[1]": "blue", "on[0]": 1.0,
        "lens.k[0].0": 1.0, "lens.k[0].1": 2.0, "lens.k[0].2": 3.0, "lens.k[0].3": 4.0, "lens.k[0].4": 5.0,
    }  # fmt: skip


def test_attempts_at_a_frame_are_columns_too() -> None:
    given = {"require.attempt": np.array([0, 2]), "require.failed": np.array([[0, 0], [1, 1]])}
    columns = {name: values.tolist() for name, values in draw_columns(given).items()}
    assert columns == {"require.attempt": [0, 2], "require.failed[0]": [0, 1], "require.failed[1]": [0, 1]}
    row = flat_draws({"require.attempt": 2, "require.failed": [1]})
    assert row == {"require.attempt": 2.0, "require.failed[0]": 1.0}
    spec = {**SPEC, "require": [{"count": {"at_least": 1}}]}
    with build_graph(spec, device="cpu") as graph:
        row = graph.preview(0, ("draws",))["eye"]["draws"]
    assert (row["require.attempt"], row["require.failed[0]"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("labels", "above"),
    [
        ({"class": "sedan"}, "object"),
        ({"class": "vehicle/car/sedan"}, "vehicle/car"),
        ({"class": "vehicle/car,thing"}, "vehicle"),
        ({"class": "car", "supercategory": "vehicle,machine"}, "vehicle"),
        ({"class": "toy/car", "supercategory": "vehicle"}, "vehicle"),
        ({"shape": "round"}, "object"),
    ],
)
def test_what_stands_above_a_category(labels: dict[str, str], above: str) -> None:
    assert supercategory_of(labels) == above


def test_categories_of_all_labels_that_may_occur() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        sets = graph.scene.labels.label_sets
    assert supercategories(sets) == {"floor": "object", "goods/box": "goods", "wall": "object"}
    said = [{"class": "car"}, {"class": "car", "supercategory": "vehicle"}, {"class": "car", "supercategory": "toy"}]
    assert supercategories(said) == {"car": "toy"}
    assert levels("vehicle/car/sedan") == ("vehicle", "vehicle/car", "vehicle/car/sedan")
