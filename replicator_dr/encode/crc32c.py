"""CRC-32C in native code; see ``storage.crc32c`` for what it is."""

from __future__ import annotations

from functools import cache

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch
from replicator_dr.encode.native_code import native_code
from replicator_dr.storage.crc32c import byte_table

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("crc32c"))
def sum_bytes(
    tables: wp.array2d(dtype=wp.uint32),
    message: wp.array(dtype=wp.uint8),
    sum: wp.array(dtype=wp.uint32),  # noqa: A002 - there is no other name for it
):
    """The sum of all bytes."""


@wp.kernel(enable_backward=False)
def sum_message(
    tables: wp.array2d(dtype=wp.uint32),
    message: wp.array(dtype=wp.uint8),
    sum: wp.array(dtype=wp.uint32),  # noqa: A002
):
    """In one thread."""
    sum_bytes(tables, message, sum)


def crc32c(data: bytes) -> int:
    """The checksum of a message of any length."""
    found = np.empty(1, np.uint32)
    launch(sum_message, 1, [_tables(), np.frombuffer(data or b"\0", np.uint8)[: len(data)], found])
    return int(found[0])


@cache
def _tables() -> NDArray[np.uint32]:
    """(8, 256): what a byte adds to the sum when so many zero bytes follow."""
    tables = [byte_table()]
    for _ in range(7):
        tables.append((tables[-1] >> np.uint32(8)) ^ tables[0][tables[-1] & np.uint32(255)])
    return np.stack(tables)
