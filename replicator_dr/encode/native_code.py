"""Bodies of native functions, in C++, as they lie beside this file."""

from __future__ import annotations

from importlib.resources import files


def native_code(*names: str) -> str:
    """The text of several, one behind the other: later ones use what the first have defined."""
    return "\n".join((files("replicator_dr.encode") / "native" / f"{name}.cpp").read_text() for name in names)
