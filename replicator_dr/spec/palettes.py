"""Colours as a palette writes them: sRGB hex codes, and palettes by name.

Linear RGB comes from them by sRGB's transfer curve (IEC 61966-2-1).
"""

from __future__ import annotations

import re

PALETTES: dict[str, tuple[str, ...]] = {
    "safety": ("#f9a800", "#a52019", "#005387", "#008f39", "#ed760e", "#f6f6f6", "#0e0e10"),
    "plastics": ("#f4f1e8", "#1c1d20", "#c0392b", "#2471a3", "#229954", "#f1c40f", "#e67e22", "#7d8287", "#6c3483"),
    "woods": ("#d9b382", "#b5804a", "#8a5a2b", "#c79a63", "#5c3a1e", "#e3c8a0", "#a0522d"),
    "metals": ("#c5c6c8", "#8b8d90", "#b87333", "#b5a642", "#d4af37", "#5f6468"),
    "cartons": ("#c9a26d", "#b58a55", "#d8ba8c", "#a67b4b", "#e8dcc6"),
    "pastels": ("#f7cac9", "#92a8d1", "#b5ead7", "#ffdac1", "#e2f0cb", "#c7ceea", "#fff1a8"),
}
"""sRGB colours of things that robots meet. safety: after ISO 3864's yellow, red, blue and green, and traffic orange."""

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def is_hex(text: str) -> bool:
    """Whether a text is an sRGB hex code: ``#c0392b``, or ``#c33`` for ``#cc3333``."""
    return _HEX.fullmatch(text) is not None


def coded(text: str) -> tuple[float, float, float]:
    """The sRGB-encoded components of a hex code, 0 .. 1. The text must be one (:func:`is_hex`)."""
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255.0 for at in (0, 2, 4))
    return red, green, blue
