"""tf.train.Example messages and TFRecord framing, without TensorFlow.

Messages: tensorflow, core/example/example.proto and feature.proto; the encoding is Protocol Buffers' wire format.
Framing: tensorflow, core/lib/io/record_writer.h: length, its checksum, the message, its checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from replicator_dr.storage.crc32c import crc32c, masked

_BYTES, _FLOATS, _INTEGERS = 1, 2, 3
"""Which field of a Feature holds its values."""


@dataclass(frozen=True)
class Bytes:
    """A feature of byte strings."""

    values: Sequence[bytes]

    def encode(self) -> bytes:
        """The Feature message."""
        parts = (part for value in self.values for part in (b"\x0a", _varint(len(value)), value))
        return _field(_BYTES, b"".join(parts))


@dataclass(frozen=True)
class Floats:
    """A feature of numbers in single precision."""

    values: Sequence[float]

    def encode(self) -> bytes:
        """The Feature message."""
        packed = struct.pack(f"<{len(self.values)}f", *self.values)
        return _field(_FLOATS, _field(1, packed) if packed else b"")


@dataclass(frozen=True)
class Integers:
    """A feature of whole numbers that are not negative."""

    values: Sequence[int]

    def encode(self) -> bytes:
        """The Feature message."""
        packed = b"".join(map(_varint, self.values))
        return _field(_INTEGERS, _field(1, packed) if packed else b"")


Feature = Bytes | Floats | Integers


def example(features: Mapping[str, Feature]) -> bytes:
    """A serialised tf.train.Example; its features stand in the order of their names."""
    entries = (
        _field(1, _field(1, name.encode()) + _field(2, feature.encode())) for name, feature in sorted(features.items())
    )
    return _field(1, b"".join(entries))


def framed(message: bytes, checksum: Callable[[bytes], int] = crc32c) -> bytes:
    """A record of a TFRecord file. checksum: a faster CRC-32C, where there is one."""
    length = struct.pack("<Q", len(message))
    sums = (struct.pack("<I", masked(checksum(part))) for part in (length, message))
    return b"".join((length, next(sums), message, next(sums)))


def _field(number: int, content: bytes) -> bytes:
    """A field that has a length."""
    return b"%b%b%b" % (_SMALL[number << 3 | 2], _varint(len(content)), content)


_SMALL = [bytes([value]) for value in range(128)]


def _varint(value: int) -> bytes:
    if 0 <= value < 128:
        return _SMALL[value]
    if value < 0:
        raise ValueError(f"{value} is negative")
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    groups.append(value)
    return bytes(groups)
