"""The pictures of scenes/README.md: three frames of each scene."""

from __future__ import annotations

import re
from pathlib import Path

from tools.pages.strips import save, strip

ROOT = Path(__file__).resolve().parents[2]
SCENES = ROOT / "scenes"
README = SCENES / "README.md"
PICTURES = ROOT / "docs" / "images" / "scenes"
BEGIN, END = "<!-- pictures: begin -->", "<!-- pictures: end -->"


def names() -> list[str]:
    """The scenes in the order of the README's table."""
    listed = re.findall(r"^\| \[(\w+)\.yaml\]", README.read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in listed if (SCENES / f"{name}.yaml").is_file()]


def section() -> str:
    """The pictures as Markdown."""
    return "\n\n".join(f"**{name}**\n\n![{name}](../docs/images/scenes/{name}.jpg)" for name in names())


def make(chosen: list[str]) -> None:
    """Write the pictures of those scenes, all when none is named, and the README's section."""
    for name in chosen or names():
        size = save(strip(SCENES / f"{name}.yaml", 3, 3, 400), PICTURES / f"{name}.jpg")
        print(f"{name}: {size / 1e3:.0f} kB")
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")


def updated(text: str) -> str:
    """The README with the pictures between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{section()}\n\n{END}{after}"
