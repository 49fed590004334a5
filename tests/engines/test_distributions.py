"""What rep.distribution promises: draws for each prim, sequences for all, seeds, errors."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.engines.embedded.api import create, distribution, modify, trigger
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.runtime import Runtime


def translates(runtime: Runtime, frames: list[int]) -> np.ndarray:
    """(B, E, 3) world positions of the labelled prims."""
    return runtime.evaluate(np.array(frames)).entity_world[:, :, 3, :3]


def cubes(count: int) -> ReplicatorItem:
    return create.cube(count=count, semantics={"class": "cube"})


def test_each_prim_gets_a_draw_of_its_own(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(10):
        modify.pose(position=distribution.uniform((0, 0, 0), (1, 1, 1), num_samples=3))
    where = translates(runtime, [0, 1])
    assert len(np.unique(where[0, :, 0])) == 10
    assert len(np.unique(where)) == where.size


def test_a_sequence_gives_one_item_to_all_prims_at_each_firing_and_wraps(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(3):
        modify.pose(position=distribution.sequence([(0, 0, 1), (0, 0, 2)]))
    assert translates(runtime, [0, 1, 2])[..., 2].tolist() == [[1, 1, 1], [2, 2, 2], [1, 1, 1]]


def test_a_sequence_item_of_one_value_per_prim_is_spread_over_the_group(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(3):
        modify.visibility(distribution.sequence([(True, False, True), (False, False, True)]))
    state = runtime.evaluate(np.arange(2))
    assert state.arrays.part_visible.tolist() == [[True, False, True], [False, False, True]]


def test_an_unordered_sequence_uses_all_items_before_it_repeats_any(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(1):
        modify.pose(position_x=distribution.sequence([0, 1, 2, 3, 4], ordered=False))
    turns = translates(runtime, list(range(20)))[:, 0, 0].reshape(4, 5)
    assert all(sorted(turn) == [0, 1, 2, 3, 4] for turn in turns.tolist())
    assert len({tuple(turn) for turn in turns.tolist()}) > 1


def test_choice_without_replacement_gives_no_two_prims_the_same(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(4):
        modify.pose(position_x=distribution.choice([1, 2, 3, 4], with_replacements=False))
    assert all(sorted(row) == [1, 2, 3, 4] for row in translates(runtime, list(range(12)))[..., 0].tolist())


def test_choice_without_replacement_needs_enough_choices(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(4):
        modify.pose(position_x=distribution.choice([1, 2, 3], with_replacements=False))
    with pytest.raises(ValueError, match="4 prims and 3 choices without replacement"):
        runtime.evaluate(np.arange(1))


def test_combine_joins_components(runtime: Runtime) -> None:
    parts = [distribution.choice([5.0]), (7, distribution.uniform(1, 2))]
    with trigger.on_frame(), cubes(2):
        modify.pose(position=distribution.combine(parts))
    where = translates(runtime, [3])[0]
    assert where[:, 0].tolist() == [5, 5]
    assert where[:, 1].tolist() == [7, 7]
    assert ((where[:, 2] >= 1) & (where[:, 2] <= 2)).all()


def test_a_scalar_scale_is_one_draw_for_the_three_axes(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(5):
        modify.pose(scale=distribution.uniform(0.1, 2))
    linear = runtime.evaluate(np.arange(3)).entity_world[..., :3, :3]
    diagonal = np.diagonal(linear, axis1=-2, axis2=-1)
    assert np.array_equal(diagonal[..., 0], diagonal[..., 2])
    assert len(np.unique(diagonal[..., 0])) == 15


def test_a_choice_of_distributions_is_a_switch(runtime: Runtime) -> None:
    low, high = distribution.uniform(0, 1), distribution.uniform(10, 11)
    with trigger.on_frame(), cubes(1):
        modify.pose(position_x=distribution.choice([low, high]))
    x = translates(runtime, list(range(40)))[:, 0, 0]
    assert ((x <= 1) | (x >= 10)).all()
    assert 5 < (x >= 10).sum() < 35


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: distribution.uniform((0, 0), (1, 1, 1)), "lower has 2 components and upper 3"),
        (lambda: distribution.uniform(2, 1), "lower 2 is above upper 1"),
        (lambda: distribution.log_uniform(0, 1), "bounds above 0"),
        (lambda: distribution.normal(0, -1), "std is -1"),
        (lambda: distribution.choice([]), "nothing to choose from"),
        (lambda: distribution.choice([1, 2], weights=[1]), "1 weights for 2 choices"),
        (lambda: distribution.sequence([]), "the sequence is empty"),
    ],
)
def test_arguments_that_make_no_distribution(runtime: Runtime, make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


class TestSeeds:
    """Streams with and without seeds."""

    def draws(self, runtime: Runtime, seeds: list[int | None]) -> np.ndarray:
        with trigger.on_frame():
            for index, seed in enumerate(seeds):
                with cubes(2):
                    modify.pose(position=distribution.uniform((0, 0, 0), (1, 1, 1), seed=seed, name=f"d{index}"))
        state = runtime.evaluate(np.arange(4))
        return np.stack([state.draws[f"d{index}"] for index in range(len(seeds))])

    def test_equal_seeds_draw_equal_numbers(self, runtime: Runtime) -> None:
        first, second, third = self.draws(runtime, [5, 5, 6])
        assert np.array_equal(first, second)
        assert not np.array_equal(first, third)

    def test_nodes_without_a_seed_differ(self, runtime: Runtime) -> None:
        first, second = self.draws(runtime, [None, None])
        assert not np.array_equal(first, second)

    def test_seed_0_counts_as_none_in_uniform(self, runtime: Runtime) -> None:
        first, second = self.draws(runtime, [0, 0])
        assert not np.array_equal(first, second)

    def test_the_global_seed_moves_only_nodes_without_a_seed(self, runtime: Runtime) -> None:
        before = self.draws(runtime, [None, 5])
        runtime.seed = 8
        state = runtime.evaluate(np.arange(4))
        assert not np.array_equal(state.draws["d0"], before[0])
        assert np.array_equal(state.draws["d1"], before[1])

    def test_a_global_seed_is_not_negative(self, runtime: Runtime) -> None:
        with pytest.raises(ValueError, match="negative"):
            runtime.seed = -1


def test_named_draws_are_what_was_applied(runtime: Runtime) -> None:
    with trigger.on_frame(interval=2), cubes(3):
        modify.pose(position=distribution.uniform((0, 0, 0), (1, 1, 1), name="place"))
    state = runtime.evaluate(np.array([5, 4, 1]))
    assert np.array_equal(state.draws["place"], state.entity_world[:, :, 3, :3])
    assert state.draws["place"].shape == (3, 3, 3)


def test_named_choices_of_prims_are_recorded_as_paths(runtime: Runtime) -> None:
    red, blue = create.material_omnipbr(diffuse=(1, 0, 0)), create.material_omnipbr(diffuse=(0, 0, 1))
    with trigger.on_frame(), cubes(2):
        modify.material(distribution.choice([red, blue], name="look"))
    state = runtime.evaluate(np.arange(8))
    assert state.draws["look"].shape == (8, 2)
    assert set(state.draws["look"].ravel()) == {"/Replicator/Looks/OmniPBR", "/Replicator/Looks/OmniPBR_01"}


def test_set_input_changes_the_bounds_of_a_distribution(runtime: Runtime) -> None:
    source = distribution.uniform(0, 1)
    with trigger.on_frame(), cubes(1):
        modify.pose(position_x=source)
    assert translates(runtime, [0])[0, 0, 0] <= 1
    source.set_input("lower", 10)
    with pytest.raises(ValueError, match="lower 10 is above upper 1"):
        runtime.evaluate(np.arange(1))
    source.set_input("upper", 11)
    assert translates(runtime, [0])[0, 0, 0] >= 10
