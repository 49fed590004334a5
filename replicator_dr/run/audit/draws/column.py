"""All values that were recorded under one name, held against what the spec declares."""

from __future__ import annotations

import glob
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from replicator_dr.run.audit.draws.declared import Declared
from replicator_dr.run.audit.draws.statistics import ChoiceTest, UniformTest
from replicator_dr.run.audit.draws.targets import Continuous, Discrete, Target, targets_of
from replicator_dr.run.audit.findings import Finding, Findings

_TOGETHER = 256
"""Draws that are looked at in one go."""


@dataclass(frozen=True)
class Outcome:
    """How well one component fits. p: bound on the probability of values as far off or farther; why: what is off."""

    name: str
    kind: str
    number: int
    p: float
    why: str


class Column:
    """Values of one name, draw after draw."""

    def __init__(self, name: str, declared: Declared) -> None:
        self.name = name
        self.declared = declared
        self.out_of_range = Findings()
        self._targets = targets_of(declared)
        self._tests: list[UniformTest | ChoiceTest] = [_test(target) for _, target in self._targets]
        self._last = -1
        self._waiting: list[tuple[int, list[Any]]] = []
        self._first: list[Any] | None = None
        self._form: object = None
        self._draws = 0
        self._differs = False
        self.comparable = bool(self._targets)

    def add(self, frame: int, image_id: int, values: Any) -> None:
        """Take what an image recorded; frames come in ascending order. A draw that holds for several counts once."""
        execution = self.declared.execution(frame)
        if execution * self.declared.interval in self.declared.exact:
            return
        if execution == self._last or not isinstance(values, list) or not values:
            return
        self._last = execution
        rows = values[:1] if self.declared.shared else values
        forms = {_form(row) for row in rows}
        if None in forms or len(forms | {self._form} - {None}) > 1:
            self._outside(image_id, values, "numbers or texts of one form")
            return
        if self._first is None:
            self._first, self._form = rows, forms.pop()
            self.comparable = self.comparable and _comparable(self._targets, rows)
        self._draws += 1
        self._differs = self._differs or rows != self._first
        if self.comparable:
            self._waiting.append((image_id, rows))
            if len(self._waiting) >= _TOGETHER:
                self.flush()

    def flush(self) -> None:
        """Hold the values that wait against the targets."""
        ids = [image for image, rows in self._waiting for _ in rows]
        rows = [row for _, rows in self._waiting for row in rows]
        self._waiting = []
        if not rows:
            return
        for (component, target), test in zip(self._targets, self._tests):
            if isinstance(target, Discrete):
                assert isinstance(test, ChoiceTest)
                self._take_choices(ids, rows, component, target, test)
            else:
                assert isinstance(test, UniformTest)
                self._take_numbers(ids, rows, component or 0, target, test)

    def _take_numbers(
        self, ids: list[int], rows: list[Any], component: int, target: Continuous, test: UniformTest
    ) -> None:
        values = np.array([row[component] for row in rows], np.float64)
        inside = target.inside(values)
        for place in np.flatnonzero(~inside).tolist():
            self._outside(ids[place], float(values[place]), f"{target.low:g} to {target.high:g}")
        if target.varies and target.kind != "range":
            test.add(target.function(values[inside]))

    def _take_choices(
        self, ids: list[int], rows: list[Any], component: int | None, target: Discrete, test: ChoiceTest
    ) -> None:
        number_of = {choice: number for number, choice in enumerate(target.choices)}
        values = [as_choice(row if component is None else [row[component]]) for row in rows]
        for image, row, value in zip(ids, rows, values):
            if value not in number_of:
                self._outside(image, row, f"the {len(number_of)} choices")
        test.add([number_of[value] for value in values if value in number_of])

    def _outside(self, image_id: int, value: Any, expected: str) -> None:
        message = f"{self.name} is {value} in image {image_id}, outside {expected}"
        self.out_of_range.add([Finding(message, image_id, numbers={"value": value, "expected": expected})])

    @property
    def constant(self) -> float:
        """A bound on the probability that all draws are equal, where they are; 1 where they differ or may be equal."""
        varying = [target for _, target in self._targets if target.varies]
        if self._differs or self._draws < 3 or not varying or self.declared.interval == 0:
            return 1.0
        if any(isinstance(target, Continuous) for target in varying):
            return 0.0
        shares = [max(target.shares) for target in varying if isinstance(target, Discrete) and target.shares]
        largest = max(shares, default=0.0)
        if largest:
            return float(largest ** ((self._draws - 1) * len(self._first or [1])))
        items = max(len(target.choices) for target in varying if isinstance(target, Discrete))
        return 0.0 if self._draws >= 2 * items else 1.0

    def outcomes(self) -> Iterator[Outcome]:
        """How well each component fits."""
        for (component, target), test in zip(self._targets, self._tests):
            name = self.name if len(self._targets) == 1 else f"{self.name}[{component}]"
            if isinstance(test, UniformTest):
                assert isinstance(target, Continuous)
                if test.number:
                    why = f"{test.number} values lie up to {test.distance:.2f} from the {target.kind} distribution"
                    yield Outcome(name, target.kind, test.number, test.p, why)
            elif test.number and isinstance(target, Discrete) and target.shares:
                worst, p = test.worst()
                expected = target.shares[worst] * test.number
                found = f"{_text(target.choices[worst])} came {test.counts[worst]} times of {test.number}"
                why = f"{found}, not about {expected:.1f}"
                yield Outcome(name, "choice", test.number, p, why)

    @property
    def draws(self) -> int:
        """How many draws it has taken."""
        return self._draws


def _test(target: Target) -> UniformTest | ChoiceTest:
    return ChoiceTest(target.shares or ()) if isinstance(target, Discrete) else UniformTest()


def _comparable(targets: list[tuple[int | None, Target]], rows: list[Any]) -> bool:
    """Whether records are of the form in which the spec writes the values."""
    for component, target in targets:
        row = rows[0]
        if isinstance(target, Continuous):
            if not isinstance(row, list) or (component or 0) >= len(row) or not math.isfinite(row[component or 0]):
                return False
            continue
        words = [choice for choice in target.choices if isinstance(choice, str)]
        if any(glob.has_magic(word) for word in words):
            return False
        if isinstance(row, str):
            # Items and materials are recorded by the path of their prim.
            if not words or (row.startswith("/") and not any(word.startswith("/") for word in words)):
                return False
        elif words:
            return False
    return True


def _form(row: Any) -> object:
    """What rows of one draw have in common: how many numbers they hold, or that they are a text or a number."""
    if isinstance(row, list):
        return len(row) if all(isinstance(part, (int, float)) for part in row) else None
    return type(row) if isinstance(row, (str, int, float)) else None


def as_choice(row: Any) -> Any:
    """A recorded row as it stands among the choices: a text, or a tuple of rounded numbers."""
    if isinstance(row, str):
        return row
    return tuple(round(float(part), 9) for part in row) if isinstance(row, list) else (round(float(row), 9),)


def _text(choice: Any) -> str:
    return choice if isinstance(choice, str) else ", ".join(f"{part:g}" for part in choice)
