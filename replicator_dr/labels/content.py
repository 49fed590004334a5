"""The bytes of a file, with their checksum: files that several datasets hold are encoded and summed once."""

from __future__ import annotations

import hashlib
from functools import cached_property


class Content:
    """A file's bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        """Checksum, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()
