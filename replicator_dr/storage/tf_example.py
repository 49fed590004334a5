"""tf.train.Example messages and TFRecord framing, without TensorFlow.

Messages: tensorflow, core/example/example.proto and feature.proto; the encoding is Protocol Buffers' wire format.
Framing: tensorflow, core/lib/io/record_writer.h: length, its checksum, the message, its checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import google_crc32c

_BYTES, _FLOATS, _INTEGERS = 1, 2, 3
"""Which field of a Feature holds its values."""


Pieces = list[bytes]
"""A message cut anywhere: images are large, and are copied once, when all is joined."""


@dataclass(frozen=True)
class Bytes:
    """A feature of byte strings."""

    values: Sequence[bytes]

    def encode(self) -> Pieces:
        """The Feature message."""
        return _field(_BYTES, [piece for value in self.values for piece in _field(1, [value])])


@dataclass(frozen=True)
class Floats:
    """A feature of numbers in single precision."""

    values: Sequence[float]

    def encode(self) -> Pieces:
        """The Feature message."""
        packed = struct.pack(f"<{len(self.values)}f", *self.values)
        return _field(_FLOATS, _field(1, [packed]) if packed else [])


@dataclass(frozen=True)
class Integers:
    """A feature of whole numbers that are not negative."""

    values: Sequence[int]

    def encode(self) -> Pieces:
        """The Feature message."""
        packed = b"".join(map(_varint, self.values))
        return _field(_INTEGERS, _field(1, [packed]) if packed else [])


Feature = Bytes | Floats | Integers


def example(features: Mapping[str, Feature]) -> bytes:
    """A serialised tf.train.Example; its features stand in the order of their names."""
    entries: Pieces = []
    for name, feature in sorted(features.items()):
        entries += _field(1, [*_field(1, [name.encode()]), *_field(2, feature.encode())])
    return b"".join(_field(1, entries))


def framed(message: bytes) -> bytes:
    """A record of a TFRecord file."""
    length = struct.pack("<Q", len(message))
    return b"".join((length, _masked_sum(length), message, _masked_sum(message)))


def _masked_sum(data: bytes) -> bytes:
    """The CRC-32C as such files have it: turned right by 15 bits, plus 0xA282EAD8 (core/lib/hash/crc32c.h)."""
    found = google_crc32c.value(data)
    return struct.pack("<I", ((found >> 15 | found << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _field(number: int, content: Pieces) -> Pieces:
    """A field that has a length."""
    return [_SMALL[number << 3 | 2], _varint(sum(map(len, content))), *content]


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
