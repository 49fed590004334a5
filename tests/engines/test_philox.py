"""The generator against Random123's known answers."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.engines.embedded.draws.philox import philox4x32

# Random123, examples/kat_vectors: philox4x32 10 rounds; counter words, key words, answer words.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter: str, key: str, answer: str) -> None:
    low, high = words(key)
    c = [np.array([word], dtype=np.uint64) for word in words(counter)]
    made = philox4x32((c[0], c[1], c[2], c[3]), high << 32 | low)
    assert [int(word[0]) for word in made] == words(answer)


def test_many_counters_at_once_equal_each_alone() -> None:
    counters = np.arange(12, dtype=np.uint64).reshape(3, 4)
    zero = np.zeros(1, dtype=np.uint64)
    together = philox4x32((counters, zero, zero, zero), 5)
    for index in np.ndindex(counters.shape):
        alone = philox4x32((counters[index][None], zero, zero, zero), 5)
        assert [int(word[index]) for word in together] == [int(word[0]) for word in alone]
