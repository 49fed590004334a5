"""Where in its file stands what a call of the runtime failed over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from replicator_dr.errors import AssetError, EngineError, UnsupportedError
from replicator_dr.spec.document import path_text
from replicator_dr.spec.spec import Spec


@contextmanager
def located(spec: Spec, *path: int | str) -> Iterator[None]:
    """What goes wrong within begins with the position of the value at ``path``, and with the path itself."""
    try:
        yield
    except (AssetError, EngineError, UnsupportedError) as error:
        place, name, text = spec.position(*path), path_text(path), str(error)
        named = text if text.startswith(name) else f"{name}: {text}"
        error.args = (f"{place} {named}" if place else named,)
        raise
