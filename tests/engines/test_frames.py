"""Triggers, contexts, and frames as pure functions of their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger, utils
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.errors import EngineError


def x_of(state: FrameState, entity: int = 0) -> list[float]:
    return [float(value) for value in state.entity_world[:, entity, 3, 0]]


def counter(name: str | None = None) -> object:
    """Values that are the number of the execution."""
    return distribution.sequence([float(i) for i in range(1000)], name=name)


def test_frame_0_shows_the_first_execution(runtime: Runtime) -> None:
    with trigger.on_frame(), create.cube(semantics={"class": "a"}):
        modify.pose(position_x=counter())
    assert x_of(runtime.evaluate(np.arange(4))) == [0, 1, 2, 3]


def test_values_hold_between_firings(runtime: Runtime) -> None:
    with trigger.on_frame(interval=3), create.cube(semantics={"class": "a"}):
        modify.pose(position_x=counter())
    state = runtime.evaluate(np.arange(8))
    assert x_of(state) == [0, 0, 0, 1, 1, 1, 2, 2]
    assert state.trigger_counts["on_frame"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3]


def test_an_exhausted_trigger_leaves_its_last_values(runtime: Runtime) -> None:
    with trigger.on_frame(max_execs=3), create.cube(semantics={"class": "a"}):
        modify.pose(position_x=counter())
    assert x_of(runtime.evaluate(np.arange(6))) == [0, 1, 2, 2, 2, 2]
    assert runtime.graph.frame_limit() == 3


def test_num_frames_is_the_old_name_of_max_execs(runtime: Runtime) -> None:
    trigger.on_frame(num_frames=5)
    assert runtime.graph.frame_limit() == 5


def test_outside_every_trigger_a_node_runs_once(runtime: Runtime) -> None:
    cube = create.cube(semantics={"class": "a"}, position=distribution.uniform((0, 0, 0), (1, 1, 1)))
    with cube:
        modify.pose(rotation=distribution.uniform((0, 0, 0), (90, 90, 90)))
    world = runtime.evaluate(np.arange(5)).entity_world
    assert (world == world[:1]).all()
    assert (world[0, 0, 3, :3] > 0).all()


def test_the_trigger_that_fired_last_wins(runtime: Runtime) -> None:
    cube = create.cube(semantics={"class": "a"})
    with trigger.on_frame(interval=2), cube:
        modify.pose(position_x=100)
    with trigger.on_frame(interval=4), cube:
        modify.pose(position_x=distribution.sequence([-1.0, -2.0]))
    # Frames 0 and 4: both fire, the later node wins; frames 2 and 6: the first has fired since.
    assert x_of(runtime.evaluate(np.arange(8))) == [-1, -1, 100, 100, -2, -2, 100, 100]


def test_components_are_held_apart(runtime: Runtime) -> None:
    cube = create.cube(semantics={"class": "a"})
    with trigger.on_frame(interval=3), cube:
        modify.pose(position=distribution.combine([counter(), 7.0, 8.0]))
    with trigger.on_frame(interval=2), cube:
        modify.pose(position_z=counter())
    where = runtime.evaluate(np.arange(6)).entity_world[:, 0, 3, :3]
    assert where[:, 0].tolist() == [0, 0, 0, 1, 1, 1]
    assert where[:, 1].tolist() == [7] * 6
    assert where[:, 2].tolist() == [0, 0, 1, 8, 2, 2]


def test_a_held_reader_sees_the_frame_in_which_it_fired(runtime: Runtime) -> None:
    target = create.cube()
    camera = create.camera(position=(0, -5, 0))
    with trigger.on_frame(), target:
        modify.pose(position_x=counter())
    with trigger.on_frame(interval=4), camera:
        modify.pose(look_at=target)
    for frames in (np.arange(8), np.array([6]), np.array([7, 5, 1])):
        world = runtime.evaluate(frames).arrays.cameras.world[:, 0]
        seen = frames // 4 * 4
        direction = np.stack([seen, np.full(len(seen), 5.0), np.zeros(len(seen))], axis=1)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        assert np.allclose(-world[:, 2, :3], direction, atol=1e-12)


def test_readers_of_several_intervals_chain_back(runtime: Runtime) -> None:
    """B follows a every 2 frames, c follows b every 3: the whole chain equals a loop over the frames."""
    prims = {name: create.cube(name=name, semantics={"class": name}) for name in "abc"}
    with trigger.on_frame(), prims["a"]:
        modify.pose(position_x=counter())
    for interval, follower, leader in ((2, "b", "a"), (3, "c", "b")):
        with trigger.on_frame(interval=interval), prims[follower]:
            modify.pose_orbit(prims[leader], 0.0, 0.0, 0.0, look_at_barycentre=False)
    state = runtime.evaluate(np.arange(24))
    a = b = c = 0.0
    expected = []
    for frame in range(24):
        a = float(frame)
        b = a if frame % 2 == 0 else b
        c = b if frame % 3 == 0 else c
        expected.append([a, b, c])
    assert state.entity_world[:, :, 3, 0].tolist() == expected
    assert runtime.evaluate(np.array([23])).entity_world[0, :, 3, 0].tolist() == expected[23]


def test_custom_events_fire_at_the_next_frame(runtime: Runtime) -> None:
    with trigger.on_custom_event("go"), create.cube(semantics={"class": "a"}):
        modify.pose(position_x=distribution.sequence([5.0, 6.0]))
    assert x_of(runtime.evaluate(np.arange(4))) == [0, 0, 0, 0]
    runtime.next_frame = 2
    utils.send_og_event("go")
    runtime.next_frame = 5
    utils.send_og_event("go")
    state = runtime.evaluate(np.arange(7))
    assert x_of(state) == [0, 0, 5, 5, 5, 6, 6]
    assert state.trigger_counts["go"].tolist() == [0, 0, 1, 1, 1, 2, 2]


def test_an_event_that_nothing_waits_for(runtime: Runtime) -> None:
    with pytest.raises(EngineError, match="no trigger waits for 'gone'"):
        utils.send_og_event("gone")


def test_nodes_made_between_steps_take_effect_at_the_next_frame(runtime: Runtime) -> None:
    cube = create.cube(semantics={"class": "a"})
    runtime.next_frame = 3
    with cube:
        modify.pose(position_x=9)
    assert x_of(runtime.evaluate(np.arange(5))) == [0, 0, 0, 9, 9]


def test_contexts_default_the_prims_and_an_argument_wins(runtime: Runtime) -> None:
    first, second = create.cube(semantics={"class": "a"}), create.cube(semantics={"class": "b"})
    with trigger.on_frame():
        with create.group([first, second]):
            modify.pose(position_y=1)
        with first:
            modify.pose(position_x=2, input_prims=second)
    where = runtime.evaluate(np.arange(1)).entity_world[0, :, 3, :3]
    assert where.tolist() == [[0, 1, 0], [2, 1, 0]]


def test_nesting_is_free(runtime: Runtime) -> None:
    cube = create.cube(semantics={"class": "a"})
    with cube, trigger.on_frame(interval=2):
        modify.pose(position_x=counter())
    assert x_of(runtime.evaluate(np.arange(4))) == [0, 0, 1, 1]


def test_without_prims_a_call_says_what_is_missing(runtime: Runtime) -> None:
    with pytest.raises(EngineError, match=r"modify\.pose: no prims to act on"):
        modify.pose(position=(0, 0, 0))
    with pytest.raises(EngineError, match=r"distribution.uniform holds no prims"):
        modify.pose(position=(0, 0, 0), input_prims=distribution.uniform(0, 1))


def test_an_empty_group_is_nothing_to_do(runtime: Runtime) -> None:
    look = create.material_omnipbr()
    with trigger.on_frame(), create.group([]):
        modify.pose(position=distribution.uniform((0, 0, 0), (1, 1, 1), name="none"))
        modify.attribute("intensity", 3)
        modify.semantics({"class": "x"})
        modify.material(look)
    state = runtime.evaluate(np.arange(2))
    assert state.entity_world.shape == (2, 0, 4, 4)
    assert state.draws["none"].shape == (2, 0, 3)


def test_registered_functions_run_with_their_trigger(runtime: Runtime) -> None:
    def jump(height: float) -> object:
        with create.group([cube]):
            return modify.pose(position_z=distribution.sequence([height, 2 * height]))

    cube = create.cube(semantics={"class": "a"})
    randomizer.register(jump)
    with trigger.on_frame():
        assert repr(randomizer.jump(4.0)) == "omni.replicator.core.modify.pose"  # type: ignore[attr-defined]
    assert runtime.evaluate(np.arange(2)).entity_world[:, 0, 3, 2].tolist() == [4, 8]
    with pytest.raises(ValueError, match="'jump' exists already"):
        randomizer.register(jump, override=False)
    randomizer.register(lambda: None, fn_name="nothing")
    with pytest.raises(TypeError, match="returned NoneType"):
        randomizer.nothing()  # type: ignore[attr-defined]
    del randomizer.jump, randomizer.nothing  # type: ignore[attr-defined]


def test_frames_are_counted_from_0(runtime: Runtime) -> None:
    with pytest.raises(EngineError, match="frame -1 does not exist"):
        runtime.evaluate(np.array([-1]))


def everything(runtime: Runtime) -> None:
    """A graph with every kind of effect, triggers of several intervals, and readers among them."""
    floor = create.plane(scale=8)
    things = create.group(
        [
            create.cube(count=4, scale=0.3, semantics={"class": "box"}),
            create.sphere(count=3, semantics={"class": "ball"}),
        ]
    )
    lamp = create.light(light_type="sphere", intensity=distribution.uniform(1, 2))
    cameras = create.camera(count=2, position=(4, 0, 3), look_at=(0, 0, 0))
    looks = create.material_omnipbr(diffuse=distribution.uniform((0, 0, 0), (1, 1, 1)), count=3)
    with trigger.on_frame():
        with things:
            modify.pose(rotation=distribution.normal((0, 0, 0), (20, 20, 90)), size=distribution.log_uniform(0.2, 0.6))
            randomizer.scatter_2d(floor, check_for_collisions=True).set_input("stand", True)
            modify.attribute("primvars:displayColor", distribution.uniform((0, 0, 0), (1, 1, 1)))
        with cameras:
            modify.pose_orbit(things, distribution.uniform(3, 6), distribution.uniform(0, 360), 30)
    with trigger.on_frame(interval=3):
        with things:
            randomizer.materials(looks)
            modify.semantics(distribution.choice([{"size": "big"}, {"size": "small"}]), mode="replace")
        with lamp:
            modify.pose(position=distribution.uniform((-1, -1, 2), (1, 1, 3)), look_at=things)
            modify.attribute("inputs:colorTemperature", distribution.truncated_normal(3000, 8000, 5000, 2000))
    with trigger.on_frame(interval=2), things:
        modify.visibility(distribution.choice([True, False], weights=[3, 1]))
        randomizer.rotation()


def flatten(state: FrameState) -> dict[str, np.ndarray]:
    arrays = {"entity_world": state.entity_world, "entity_labels": state.entity_labels}
    for group in (state.arrays, state.arrays.materials, state.arrays.lights, state.arrays.cameras):
        arrays |= {f"{type(group).__name__}.{k}": v for k, v in vars(group).items() if isinstance(v, np.ndarray)}
    return arrays | {f"draw {name}": value for name, value in state.draws.items()}


def test_batches_of_any_width_and_order_agree_bit_for_bit(runtime: Runtime) -> None:
    from replicator_dr.engines.embedded import api
    from replicator_dr.engines.embedded.draws import own_distributions

    own_distributions.register(api)
    everything(runtime)
    whole = flatten(runtime.evaluate(np.arange(16)))
    assert len(whole) > 25
    moving = [name for name, value in whole.items() if not (value == value[:1]).all()]
    assert len(moving) > 8
    shuffled = np.random.default_rng(3).permutation(16)
    for frames in (*(np.array([k]) for k in range(16)), np.arange(3), np.arange(5, 8), shuffled, np.array([9, 9, 2])):
        part = flatten(runtime.evaluate(frames))
        for name, value in whole.items():
            assert part[name].tobytes() == np.ascontiguousarray(value[frames]).tobytes(), (name, frames)
