"""Links as objects, and keypoints at joints: masks add up, points lie where MuJoCo has the joints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr.errors import AssetError
from replicator_dr.graph import build_graph
from tests.robots.conftest import ARM, HUMANOID, mujoco_links

pytest.importorskip("mujoco")

ENTRY = {"joints": {"robots": "person", "range": 0.6}}


def person(**fields: Any) -> dict[str, Any]:
    return {"person": {"from_robot": {"robot": str(HUMANOID), **fields}, "semantics": {"class": "person"}}}


def masks(graph: Any, frames: int) -> list[dict[str, np.ndarray[Any, Any]]]:
    """Frame by frame, the mask of each labelled prim, by the last part of its path."""
    names = [path.rpartition("/")[2] for path in graph.scene.labels.entity_paths]
    found = []
    for frame in graph.frames(frames, annotators=("instance_segmentation",)):
        images = np.asarray(frame["eye"]["instance_segmentation"])
        found += [
            {names[value - 2]: image == value for value in np.unique(image) if value > 1}
            for image in images.reshape(-1, *images.shape[-2:])
        ]
    return found


def test_the_masks_of_all_links_together_are_the_whole_robots(posed: Any) -> None:
    whole = masks(posed(ENTRY, resolution=(160, 120)), 3)
    parts = masks(posed(ENTRY, create=person(links="labelled"), resolution=(160, 120)), 3)
    for one, several in zip(whole, parts, strict=True):
        links = {name: mask for name, mask in several.items() if name not in ("person", "arm")}
        assert len(links) > 8
        assert (np.sum(list(links.values()), axis=0) == one["person"]).all()
        assert (several["arm"] == one["arm"]).all()


def test_classes_of_links_and_what_stands_above_them(posed: Any) -> None:
    graph = posed(create=person(links={"*_hand": "hand", "head": "head"}))
    labels = graph.scene.labels
    by_name = {path.rpartition("/")[2]: path for path in labels.entity_paths}
    assert {"left_hand", "right_hand", "head", "person"} <= set(by_name)
    assert "torso" not in by_name
    rows = graph.sample([0]).entity_labels[0]
    sets = {path.rpartition("/")[2]: labels.label_sets[row] for path, row in zip(labels.entity_paths, rows)}
    assert sets["left_hand"]["class"].split(",")[0] == "hand"
    assert sets["left_hand"]["supercategory"] == "person"
    assert sets["person"]["class"] == "person"


def test_links_are_known_by_their_names_whatever_else_is_there(posed: Any) -> None:
    fewer = posed(create=person(links="labelled")).scene.labels
    more = posed(create={"box": {"cube": {}, "semantics": {"class": "box"}}, **person(links="labelled")}).scene.labels
    ids = dict(zip(more.entity_paths, more.entity_uids))
    assert all(ids[path] == number for path, number in zip(fewer.entity_paths, fewer.entity_uids))


def joint_anchors(frame_links: dict[str, Any]) -> dict[str, Any]:
    """World places of the person's joints from MuJoCo's bodies, whose origins they are."""
    names = {"pelvis": "pelvis", "waist": "torso", "neck": "head"}
    for side in ("left", "right"):
        for joint, body in (("shoulder", "upper_arm"), ("elbow", "forearm"), ("wrist", "hand"), ("hip", "thigh"),
                            ("knee", "shin"), ("ankle", "foot")):  # fmt: skip
            names[f"{side}_{joint}"] = f"{side}_{body}"
    return {name: frame_links[body][3, :3] for name, body in names.items()}


BONES = {
    ("pelvis", "waist"), ("waist", "neck"), ("pelvis", "left_hip"), ("pelvis", "right_hip"),
    *((f"{s}_{a}", f"{s}_{b}") for s in ("left", "right")
      for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))),
    ("waist", "left_shoulder"), ("waist", "right_shoulder"),
}  # fmt: skip


@pytest.mark.parametrize("links", ["whole", "labelled"])
def test_keypoints_are_at_the_joints_and_bones_along_the_tree(posed: Any, links: str) -> None:
    graph = posed(ENTRY, create=person(links=links))
    state, tables = graph.sample(range(4)), graph.scene.keypoints
    draws = {n.rpartition(".")[2]: np.asarray(v)[:, 0] for n, v in state.draws.items() if n.startswith("person.")}
    expected = mujoco_links(HUMANOID, {name: np.pad(value, ((0, 0), (0, 2))) for name, value in draws.items()})
    mine = [
        row for row in range(len(tables.entity)) if "/person" in graph.scene.labels.entity_paths[tables.entity[row]]
    ]
    seen = set()
    for row in mine:
        name = tables.sets[tables.of_set[row]].names[tables.index[row]]
        matrix = state.keypoint_world[:, tables.holder[row]]
        place = (tables.point[row] @ matrix[:, :3, :3]) + matrix[:, 3, :3]
        np.testing.assert_allclose(place, [joint_anchors(links)[name] for links in expected], atol=5e-7)
        seen.add(name)
    assert seen == set(joint_anchors(expected[0]))
    sets = {tables.of_set[row] for row in mine}
    bones = {(tables.sets[s].names[a], tables.sets[s].names[b]) for s in sets for a, b in tables.sets[s].skeleton}
    assert bones == BONES


def test_joints_inside_of_limbs_count_as_visible_and_those_behind_do_not(tmp_path: Path) -> None:
    """A person seen from the front at rest: all joints are visible; from the side the far arm's are hidden."""
    for position, hidden in (([4, 0, 1], set()), ([0, 4, 1], {"right_elbow", "right_wrist", "right_knee"})):
        spec = {
            "seed": 1,
            "create": {**person(), "sky": {"light": {"light_type": "dome"}},
                       "eye": {"camera": {"position": position, "look_at": [0, 0, 0.9]}}},
            "render_products": [{"cameras": "eye", "resolution": [320, 320]}],
            "writers": [{"coco_depth": {"output_dir": str(tmp_path / str(position))}}],
        }  # fmt: skip
        with build_graph(spec) as graph:
            graph.run(1)
        coco = json.loads((tmp_path / str(position) / "annotations.json").read_text())
        names = coco["categories"][0]["keypoints"]
        (annotation,) = coco["annotations"]
        visible = {name for name, v in zip(names, annotation["keypoints"][2::3]) if v == 2}
        assert len(names) == 15
        if hidden:
            assert not visible & hidden
            assert {"left_elbow", "left_wrist", "left_knee", "left_shoulder"} <= visible
        else:
            assert visible == set(names)


def test_sites_are_keypoints_where_asked_for(posed: Any) -> None:
    both = posed(create=person(keypoints_at="joints_and_sites")).scene.keypoints.sets[0]
    assert {"crown", "left_fingertip", "right_toe", "left_knee"} <= set(both.names)
    assert ("neck", "crown") in {(both.names[a], both.names[b]) for a, b in both.skeleton}
    only = posed(create=person(keypoints_at="sites")).scene.keypoints.sets[0]
    assert set(only.names) == {"crown", "left_fingertip", "right_fingertip", "left_toe", "right_toe"}
    without = {**person(keypoints_at="none"), "arm": {"from_robot": {"robot": str(ARM), "keypoints_at": "none"}}}
    assert posed(create=without).scene.keypoints is None


def test_a_class_for_a_link_that_is_not_there_is_a_fault(posed: Any) -> None:
    with pytest.raises(AssetError, match=r"no link fits '\*_paw'; links: pelvis, torso, head"):
        posed(create=person(links={"*_paw": "paw"}))


def test_names_of_keypoints_are_told_apart(posed: Any, tmp_path: Path) -> None:
    """Joints called like links, pairs of joints that begin alike, a site called like a joint."""
    file = tmp_path / "names.xml"
    two = '<joint name="j{n}a" range="0 9"/><joint name="j{n}b" axis="1 0 0" range="0 9"/><geom size="0.1"/>'
    file.write_text(
        '<mujoco><worldbody><body name="base"><geom size="0.1"/><site name="elbow"/>'
        f'<body name="one" pos="0 0 1">{two.format(n=1)}<body name="two" pos="0 0 1">{two.format(n=2)}'
        '<body name="three" pos="0 0 1"><joint name="base" range="0 9"/><geom size="0.1"/>'
        '<body name="four" pos="0 0 1"><joint name="elbow" range="0 9"/><geom size="0.1"/></body>'
        "</body></body></body></body></worldbody></mujoco>"
    )
    create = {"person": {"from_robot": {"robot": str(file), "keypoints_at": "joints_and_sites"},
                         "semantics": {"class": "x"}}}  # fmt: skip
    names = posed(create=create).scene.keypoints.sets[0].names
    assert set(names) == {"base_origin", "j", "two", "base", "elbow", "elbow_site"}
