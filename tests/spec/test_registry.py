from __future__ import annotations

from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from replicator_dr.errors import PluginError
from replicator_dr.plugins import BuildContext, RandomizerPlugin, kind_of, register_randomizer
from replicator_dr.spec import Number, Prims, load_spec
from replicator_dr.spec.registry import RANDOMIZERS, Registry


class Wobble(RandomizerPlugin):
    """Tilt prims."""

    prims: Prims
    """What is tilted."""
    angle: Number = 5.0
    """Degrees."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        pass


def with_points(*points: EntryPoint) -> Registry:
    registry = Registry("randomizer", "some.group")
    registry._installed = {point.name: point for point in points}
    return registry


def test_names_of_classes() -> None:
    assert [kind_of(type(name, (), {})) for name in ("CocoDepth", "Scatter2d", "Pose", "BoxTable")] == [
        "coco_depth",
        "scatter_2d",
        "pose",
        "box_table",
    ]


def test_registered_in_process() -> None:
    register_randomizer(Wobble)
    try:
        spec = load_spec(
            {
                "create": {"a": {"cube": {}}},
                "triggers": [{"on_frame": {}, "randomize": [{"wobble": {"prims": "a", "angle": {"normal": [0, 2]}}}]}],
            }
        )
        assert isinstance(spec.triggers[0].randomize[0].randomizer, Wobble)
    finally:
        RANDOMIZERS.unregister("wobble")
    assert "wobble" not in RANDOMIZERS.kinds()


def test_the_randomizers_of_the_project_are_installed() -> None:
    expected = {
        "background", "camera", "color", "instantiate", "light", "materials", "orbit", "pose", "rotation",
        "scatter_2d", "semantics", "texture", "visibility",
    }  # fmt: skip
    assert expected <= set(RANDOMIZERS.kinds())
    assert all(issubclass(model, RandomizerPlugin) for model in RANDOMIZERS.all().values())


def test_a_plugin_that_cannot_be_imported_says_so() -> None:
    registry = with_points(EntryPoint("shake", "no_such_package.shake:Shake", "some.group"))
    with pytest.raises(PluginError, match=r"randomizer 'shake' cannot be loaded from 'no_such_package.shake:Shake'"):
        registry.get("shake")


def test_a_plugin_that_is_none_says_so() -> None:
    registry = with_points(EntryPoint("shake", "json:dumps", "some.group"))
    with pytest.raises(PluginError, match=r"derive it from replicator_dr.plugins.RandomizerPlugin"):
        registry.get("shake")


def test_a_broken_plugin_does_not_hide_the_others() -> None:
    good = EntryPoint("pose", "randomizers.pose:Pose", "some.group")
    registry = with_points(EntryPoint("shake", "no_such_package:Shake", "some.group"), good)
    with pytest.warns(UserWarning, match="shake"):
        assert list(registry.all()) == ["pose"]
