"""The colour maps: order, special values, distinct and stable colours."""

from __future__ import annotations

import numpy as np

from replicator_dr.run.preview_color import (
    NOTHING,
    class_colors,
    depth_colors,
    instance_color,
    normal_colors,
    text_color,
)


def test_depth_runs_from_red_to_blue_and_marks_what_was_not_measured() -> None:
    picture = depth_colors(np.array([[1.0, 2.0, 3.0, np.inf, np.nan]], dtype=np.float32), near=1.0, far=3.0)
    near, middle, far, missed, unknown = (tuple(int(c) for c in color) for color in picture[0])
    assert near[0] > near[2]
    assert middle[1] > max(middle[0], middle[2])
    assert far[2] > far[0]
    assert missed == unknown == NOTHING


def test_depth_outside_the_range_takes_the_ends_colours() -> None:
    picture = depth_colors(np.array([0.0, 1.0, 3.0, 9.0], dtype=np.float32), near=1.0, far=3.0)
    assert (picture[0] == picture[1]).all()
    assert (picture[2] == picture[3]).all()
    assert (picture[1] != picture[2]).any()


def test_normals_map_axes_to_channels() -> None:
    normals = np.array([[1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, 0]], dtype=np.float32)
    assert normal_colors(normals).tolist() == [[255, 128, 128], [128, 0, 128], [128, 128, 255], list(NOTHING)]


def test_neighbouring_instances_differ_clearly() -> None:
    colors = np.array([instance_color(index) for index in range(40)], dtype=float)
    distance = np.abs(colors[1:] - colors[:-1]).sum(axis=1)
    assert distance.min() > 90


def test_class_colours_do_not_depend_on_order() -> None:
    assert class_colors(["mug", "box", "mug"]) == class_colors(["box", "mug"])
    assert len(set(class_colors(str(n) for n in range(30)).values())) == 30


def test_text_is_dark_on_light_and_light_on_dark() -> None:
    assert sum(text_color((250, 250, 120))) < 100
    assert sum(text_color((20, 20, 120))) > 700
