"""PNG row filters and compression levels: size against time, on one image.

    python tests/benchmarks/png.py IMAGE [IMAGE...]

Times are CPU milliseconds of one thread, the best of fifteen. The module ``replicator_dr.storage.png`` states what was
chosen from these figures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from isal import isal_zlib
from PIL import Image


def none(rows: np.ndarray) -> np.ndarray:
    return rows


def sub(rows: np.ndarray) -> np.ndarray:
    return np.concatenate([rows[:, :3], rows[:, 3:] - rows[:, :-3]], axis=1)


def up(rows: np.ndarray) -> np.ndarray:
    return np.concatenate([rows[:1], rows[1:] - rows[:-1]])


def paeth(rows: np.ndarray) -> np.ndarray:
    left, above, corner = (np.zeros(rows.shape, np.int16) for _ in range(3))
    left[:, 3:], above[1:], corner[1:, 3:] = rows[:, :-3], rows[:-1], rows[:-1, :-3]
    guess = left + above - corner
    a, b, c = (np.abs(guess - other) for other in (left, above, corner))
    return (rows - np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))).astype(np.uint8)


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(15):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return 1000 * min(times)


def main(paths: list[str]) -> None:
    for path in paths:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        rows = pixels.reshape(len(pixels), -1)
        print(f"{path}: {pixels.shape[1]}x{pixels.shape[0]}, {pixels.nbytes} bytes")
        for row_filter in (none, sub, up, paeth):
            filtered = np.insert(row_filter(rows), 0, 0, axis=1)
            for level in range(4):
                size = len(isal_zlib.compress(filtered, level))
                spent = best(lambda: isal_zlib.compress(filtered, level))  # noqa: B023 - called at once
                print(f"  {row_filter.__name__:6s} level {level}: {size:8d} bytes {spent:7.2f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
