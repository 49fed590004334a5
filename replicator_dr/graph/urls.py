"""Assets at URLs, which only Isaac Sim can resolve."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from replicator_dr.errors import AssetError
from replicator_dr.spec import Spec
from replicator_dr.spec.files import File


def refuse_urls(spec: Spec) -> None:
    """AssetError where a spec names an asset by its URL, for a runtime outside Isaac Sim."""
    for file in _files(spec):
        if "://" in file:
            raise AssetError(
                f"{file} can only be resolved inside Isaac Sim; run with --engine isaacsim, or download it and give "
                "the file"
            )


def _files(value: Any) -> Iterator[str]:
    """Every file that a value names."""
    if isinstance(value, File):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _files(getattr(value, name))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from _files(getattr(value, part.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _files(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _files(item)
