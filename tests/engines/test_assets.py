"""Assets by reference, populations, groups, labels, queries, settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, Usd, UsdGeom, UsdLux, UsdSemantics

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.api import create, distribution, get, modify, randomizer, settings, trigger, utils
from replicator_dr.engines.embedded.runtime import Runtime, activate, current, reset
from replicator_dr.errors import AssetError, EngineError, UnsupportedError


def asset(path: Path, up: str = "Z", unit: float = 1.0, faces: bool = True, default: bool = True) -> str:
    """A box of 1 x 2 x 3 m standing on the ground, in the file's own units and axes; labelled inside."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, up)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    root = UsdGeom.Xform.Define(stage, "/thing")
    if default:
        stage.SetDefaultPrim(root.GetPrim())
    mesh = UsdGeom.Mesh.Define(stage, "/thing/mesh")
    if faces:
        points = [(x, y, z) for x in (0, 1) for y in (0, 2) for z in (0, 3)]
        turned = [(x, z, -y) for x, y, z in points] if up == "Y" else points
        mesh.CreatePointsAttr([tuple(v / unit for v in p) for p in turned])
        mesh.CreateFaceVertexCountsAttr([4, 4])
        mesh.CreateFaceVertexIndicesAttr([0, 1, 3, 2, 4, 6, 7, 5])
    UsdSemantics.LabelsAPI.Apply(root.GetPrim(), "maker").CreateLabelsAttr(["Acme"])
    stage.Save()
    return str(path)


def world_box(runtime: Runtime) -> np.ndarray:
    """(2, 3): bounds of all parts of frame 0."""
    scene, state = runtime.scene().arrays, runtime.evaluate(np.zeros(1, np.int64))
    clouds = [
        scene.meshes[mesh].points.astype(np.float64) @ state.arrays.world[0, row, :3, :3]
        + state.arrays.world[0, row, 3, :3]
        for mesh, row in zip(scene.part_mesh, scene.part_transform)
    ]
    points = np.concatenate(clouds)
    return np.stack([points.min(axis=0), points.max(axis=0)])


class TestFromUsd:
    """References."""

    @pytest.mark.parametrize("up", ["Z", "Y"])
    @pytest.mark.parametrize("unit", [1.0, 0.01])
    @pytest.mark.parametrize("default", [True, False])
    def test_units_and_axes_are_corrected(
        self, runtime: Runtime, tmp_path: Path, up: str, unit: float, default: bool
    ) -> None:
        create.from_usd(asset(tmp_path / "a.usda", up, unit, default=default), position=(5, 0, 0))
        assert np.allclose(world_box(runtime), [[5, 0, 0], [6, 2, 3]], atol=1e-5)

    def test_a_pose_at_the_assets_root_stays(self, runtime: Runtime, tmp_path: Path) -> None:
        path = asset(tmp_path / "a.usda", "Y", 0.01)
        stage = Usd.Stage.Open(path)
        UsdGeom.Xformable(stage.GetPrimAtPath("/thing")).AddTranslateOp().Set((100, 0, 0))
        stage.Save()
        create.from_usd(path)
        assert np.allclose(world_box(runtime), [[1, 0, 0], [2, 2, 3]], atol=1e-5)

    def test_copies_and_labels(self, runtime: Runtime, tmp_path: Path) -> None:
        path = asset(tmp_path / "a.usda")
        item = create.from_usd(path, count=3, semantics={"class": ["Mug", "Cup"]}, name="mugs")
        assert item.paths == ["/Replicator/mugs", "/Replicator/mugs_01", "/Replicator/mugs_02"]
        scene = runtime.scene()
        assert len(scene.arrays.meshes) == 1
        rows = runtime.evaluate(np.zeros(1, np.int64)).entity_labels[0]
        labels = dict(zip(scene.labels.entity_paths, (scene.labels.label_sets[row] for row in rows)))
        assert labels["/Replicator/mugs"] == {"class": "mug,cup"}
        # The lowest labelled prim is the asset's own root, which inherits.
        assert labels["/Replicator/mugs/Ref"] == {"maker": "acme", "class": "mug,cup"}

    def test_missing_and_broken_files(self, runtime: Runtime, tmp_path: Path) -> None:
        with pytest.raises(AssetError, match=r"create\.from_usd: there is no file .*/none\.usda"):
            create.from_usd(str(tmp_path / "none.usda"))
        (tmp_path / "text.usda").write_text("this is no layer")
        with pytest.raises(AssetError, match=r"text\.usda cannot be opened as USD"):
            create.from_usd(str(tmp_path / "text.usda"))

    def test_a_mesh_without_faces(self, runtime: Runtime, tmp_path: Path) -> None:
        with pytest.raises(AssetError, match=r"nothing to draw in .*/a\.usda: its mesh /mesh has no faces"):
            create.from_usd(asset(tmp_path / "a.usda", faces=False))

    def test_folders(self, runtime: Runtime, tmp_path: Path) -> None:
        for name in ("b", "a", "c"):
            asset(tmp_path / f"{name}.usda")
        item = create.from_dir(str(tmp_path), path_filter="[ab].usda", semantics={"class": "x"})
        assert item.paths == ["/Replicator/a_Xform", "/Replicator/b_Xform"]
        with pytest.raises(AssetError, match="there is no folder"):
            create.from_dir(str(tmp_path / "none"))


class TestInstantiate:
    """Populations."""

    def test_each_firing_shows_one_asset_at_each_place(self, runtime: Runtime, tmp_path: Path) -> None:
        paths = [asset(tmp_path / f"{name}.usda") for name in "abc"]
        with trigger.on_frame():
            item = randomizer.instantiate(paths, size=4, weights=[1, 0, 1], name="which", semantics={"class": "part"})
            with item:
                modify.pose(position=distribution.uniform((0, 0, 0), (9, 9, 0), name="at"))
        assert len(item.paths) == 4
        state = runtime.evaluate(np.arange(30))
        visible = state.arrays.part_visible.reshape(30, 4, 3)
        assert (visible.sum(axis=-1) == 1).all()
        assert not visible[..., 1].any()
        assert visible[..., 0].any()
        assert visible[..., 2].any()
        assert [paths[i] for i in visible[0].argmax(axis=-1)] == state.draws["which"][0].tolist()
        assert len(runtime.scene().arrays.meshes) == 1

    def test_without_replacement_and_with_a_varying_number(self, runtime: Runtime) -> None:
        shapes = create.group([create.cube(visible=False), create.sphere(visible=False), create.cone(visible=False)])
        with trigger.on_frame():
            randomizer.instantiate(shapes, size=distribution.choice([1, 3], name="n"), with_replacements=False)
        state = runtime.evaluate(np.arange(20))
        shown = state.arrays.part_visible[:, 3:].reshape(20, 3, 3)
        assert np.array_equal(shown.sum(axis=(1, 2)), state.draws["n"][:, 0, 0])
        assert shown.sum(axis=1).max() == 1

    def test_too_few_assets(self, runtime: Runtime) -> None:
        with pytest.raises(ValueError, match="3 of 1 assets without replacement"):
            randomizer.instantiate(create.cube(), size=3, with_replacements=False)


class TestLabels:
    """modify.semantics and label tables."""

    def labels(self, runtime: Runtime, frames: int = 1) -> list[list[dict[str, str] | None]]:
        sets = runtime.scene().labels.label_sets
        rows = runtime.evaluate(np.arange(frames)).entity_labels
        return [[sets[row] if row >= 0 else None for row in frame] for frame in rows]

    @pytest.mark.parametrize(
        ("mode", "expected"),
        [
            ("add", {"class": "a,b", "color": "red", "size": "big"}),
            ("replace", {"class": "b", "color": "red", "size": "big"}),
            ("clear", {"class": "b", "size": "big"}),
        ],
    )
    def test_modes(self, runtime: Runtime, mode: str, expected: dict[str, str]) -> None:
        with create.cube(semantics={"class": "A", "color": "red"}):
            modify.semantics({"class": "B", "size": "big"}, mode=mode)
        assert self.labels(runtime) == [[expected]]

    def test_older_forms(self, runtime: Runtime) -> None:
        create.cube(semantics=[("class", "cube"), ("class", "box")])
        with create.cube():
            modify.semantics(("class", "one"))
        with create.cube():
            modify.semantics("class:two;shape:flat")
        assert self.labels(runtime) == [[{"class": "cube,box"}, {"class": "one"}, {"class": "two", "shape": "flat"}]]

    def test_labels_that_change(self, runtime: Runtime) -> None:
        cube = create.cube()
        with trigger.on_custom_event("name it"), cube:
            modify.semantics({"class": "cube"})
        runtime.next_frame = 2
        utils.send_og_event("name it")
        assert self.labels(runtime, 4) == [[None], [None], [{"class": "cube"}], [{"class": "cube"}]]

    def test_a_choice_of_labels(self, runtime: Runtime) -> None:
        options = [{"class": "ripe"}, {"class": "raw"}]
        with trigger.on_frame(), create.sphere(count=2, semantics={"kind": "fruit"}):
            modify.semantics(distribution.choice(options), mode="replace")
        seen = {tuple(sorted(label.items())) for frame in self.labels(runtime, 20) for label in frame if label}
        assert seen == {(("class", "ripe"), ("kind", "fruit")), (("class", "raw"), ("kind", "fruit"))}

    def test_wrong_forms(self, runtime: Runtime) -> None:
        cube = create.cube()
        with pytest.raises(ValueError, match="mode is 'ad'"):
            modify.semantics({"class": "a"}, input_prims=cube, mode="ad")
        with pytest.raises(ValueError, match="give a dictionary"):
            modify.semantics(3, input_prims=cube)

    def test_groups_label_their_members(self, runtime: Runtime) -> None:
        create.group([create.cube(semantics={"class": "box"}), create.sphere()], semantics={"class": "part"})
        assert self.labels(runtime) == [[{"class": "box,part"}, {"class": "part"}]]


class TestQueries:
    """rep.get."""

    def test_by_path_type_and_label(self, runtime: Runtime) -> None:
        create.cube(count=2, name="Box", semantics={"class": "box"})
        create.sphere(name="Ball", semantics={"class": "ball"})
        create.light()
        create.camera()
        assert get.prims(path_pattern="/box(_01)?$").paths == ["/Replicator/Box", "/Replicator/Box_01"]
        assert get.prims(path_pattern="/box$", ignore_case=False).paths == []
        assert get.prims(path_match="ball", path_pattern_exclusion="Sphere$").paths == ["/Replicator/Ball"]
        assert get.mesh().paths == ["/Replicator/Box/Cube", "/Replicator/Box_01/Cube", "/Replicator/Ball/Sphere"]
        assert get.prims(semantics={"class": "BALL"}).paths == ["/Replicator/Ball"]
        assert get.prims(prim_types="Xform", semantics_exclusion={"class": "box"}).paths[0] == "/Replicator/Ball"
        assert get.light().paths == ["/Replicator/DistantLight_Xform/DistantLight"]
        assert get.camera().paths == ["/Replicator/Camera_Xform/Camera"]
        assert len(get.xform().paths) == 5

    def test_results_are_cached_unless_told_otherwise(self, runtime: Runtime) -> None:
        create.cube()
        once, always = get.mesh(), get.mesh(cache_result=False)
        create.cube()
        assert (len(once.paths), len(always.paths)) == (1, 2)

    def test_no_prim_and_no_pattern(self, runtime: Runtime) -> None:
        with pytest.raises(EngineError, match="there is no prim at /nothing"):
            get.prim_at_path("/nothing")
        with pytest.raises(ValueError, match="is not a regular expression"):
            get.prims(path_pattern="(")


class TestItems:
    """ReplicatorItem."""

    def test_inputs_and_outputs(self, runtime: Runtime) -> None:
        item = distribution.uniform(0, 1, name="u")
        assert item.get_input("upper") == 1
        assert item.node.name == "u"
        assert repr(item) == "omni.replicator.core.distribution.uniform"
        with pytest.raises(EngineError, match="there is no input 'uper'"):
            item.set_input("uper", 3)
        with pytest.raises(EngineError, match="takes plain values only"):
            item.set_input("upper", distribution.uniform(0, 1))
        cube = create.cube()
        assert cube.get_output_prims()["prims"][0].GetPath() == "/Replicator/Cube_Xform"
        assert cube.get_output("prims") == ["/Replicator/Cube_Xform"]

    def test_count_is_positive(self, runtime: Runtime) -> None:
        with pytest.raises(ValueError, match="count is 0; give 1 or more"):
            create.cube(count=0)


class TestSession:
    """Layers, stages, settings, runtimes."""

    def test_a_layer_opened_again_is_emptied(self, runtime: Runtime) -> None:
        for _ in range(2):
            with api.new_layer("mine"):
                cube = create.cube(semantics={"class": "a"})
                with trigger.on_frame(), cube:
                    modify.pose(position=(0, 0, 2))
        assert cube.paths == ["/Replicator/Cube_Xform"]
        assert len(runtime.graph.effects()) == 1
        assert len(runtime.graph.triggers) == 1
        assert runtime.evaluate(np.zeros(1, np.int64)).entity_world[0, :, 3, 2].tolist() == [2]

    def test_settings(self, runtime: Runtime) -> None:
        settings.carb_settings("/omni/replicator/RTSubframes", 4)
        settings.carb_settings("/omni/replicator/globalSeed", 99)
        assert api.get_global_seed() == 99
        with pytest.raises(UnsupportedError, match="'/rtx/reflections/enabled' has no meaning here"):
            settings.carb_settings("/rtx/reflections/enabled", True)
        with pytest.raises(ValueError, match="set_render_pathtraced: 0 samples; give 1 to 65536"):
            settings.set_render_pathtraced(0)

    def test_a_seed_is_drawn_once_where_none_was_set(self) -> None:
        with activate(Runtime()):
            assert api.get_global_seed() == api.get_global_seed()

    def test_runtimes_are_apart(self, runtime: Runtime) -> None:
        create.cube()
        with activate(Runtime()) as other:
            assert current() is other
            assert create.cube().paths == ["/Replicator/Cube_Xform"]
            fresh = reset()
            assert current() is fresh
        assert current() is runtime
        assert len(runtime.graph.nodes) == 1

    def test_rng_follows_the_seed(self, runtime: Runtime) -> None:
        first, second = api.rng.ReplicatorRNG(3), api.rng.ReplicatorRNG(3)
        assert first.generator.random() == second.generator.random()
        expected = np.random.default_rng(np.random.SeedSequence(3)).random()
        first.reset()
        assert first.generator.random() == expected

    def test_a_new_stage_is_what_isaac_sim_expects(self, runtime: Runtime) -> None:
        assert UsdGeom.GetStageUpAxis(runtime.stage) == "Z"
        assert UsdGeom.GetStageMetersPerUnit(runtime.stage) == 1.0
        light = create.light(temperature=3000)
        prim = runtime.stage.GetPrimAtPath(f"{light.paths[0]}/DistantLight")
        assert UsdLux.LightAPI(prim).GetEnableColorTemperatureAttr().Get() is True
        assert prim.GetAttribute("inputs:colorTemperature").GetTypeName() == Sdf.ValueTypeNames.Float
        cube = create.cube(semantics={"class": "c"})
        labels = runtime.stage.GetPrimAtPath(cube.paths[0]).GetAttribute("semantics:labels:class")
        assert labels.GetTypeName() == Sdf.ValueTypeNames.TokenArray

    def test_variants_are_chosen_once(self, runtime: Runtime) -> None:
        prim = runtime.stage.GetPrimAtPath(create.xform().paths[0])
        variants = prim.GetVariantSets().AddVariantSet("look")
        for name in ("red", "blue"):
            variants.AddVariant(name)
        modify.variant("look", "blue", input_prims=prim)
        assert variants.GetVariantSelection() == "blue"
        with pytest.raises(EngineError, match="no variant 'green' of 'look'"):
            modify.variant("look", "green", input_prims=prim)
        with pytest.raises(UnsupportedError, match="cannot vary from frame to frame"):
            modify.variant("look", distribution.choice(["red"]), input_prims=prim)
