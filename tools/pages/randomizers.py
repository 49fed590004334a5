"""docs/randomizers.md: what each randomizer does, with an example and its picture."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

from replicator_dr.run.reference import summary
from replicator_dr.spec.registry import RANDOMIZERS
from tools.pages.strips import save, strip

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "scenes" / "randomizers"
PICTURES = ROOT / "docs" / "images" / "randomizers"
PAGE = ROOT / "docs" / "randomizers.md"

_INTRODUCTION = """# Randomizers

What may vary, with an example of each and what it does to its first six frames. The keys of each stand in the
[language](language.md#randomizers), every file below in [scenes/randomizers](../scenes/randomizers). This page and its
pictures are made by `make pages`.
"""


def kinds() -> list[str]:
    """The randomizers that this project brings, by name."""
    points = entry_points(group="replicator_dr.randomizers")
    own = {point.name for point in points if point.value.startswith("randomizers.")}
    return sorted(own & set(RANDOMIZERS.all()))


def page() -> str:
    """The page as Markdown."""
    names = kinds()
    links = ", ".join(f"[{name}](#{name})" for name in names)
    return "\n".join([_INTRODUCTION, links + "\n", *map(section, names)])


def section(kind: str) -> str:
    """One randomizer: its words, its example without the comment, its picture."""
    lines = (EXAMPLES / f"{kind}.yaml").read_text(encoding="utf-8").splitlines()
    head = 0
    while lines[head].startswith("#"):
        head += 1
    caption = " ".join(line.lstrip("# ") for line in lines[:head] if "yaml-language-server" not in line)
    body = "\n".join(lines[head:]).strip("\n")
    words = summary(RANDOMIZERS.get(kind))
    picture = f"![{caption}](images/randomizers/{kind}.jpg)"
    return f"## {kind}\n\n{words}\n\n{picture}\n\n{caption}\n\n```yaml\n{body}\n```\n"


def make(names: list[str]) -> None:
    """Write the pictures of those randomizers, all when none is named, and the page."""
    for kind in names or kinds():
        size = save(strip(EXAMPLES / f"{kind}.yaml", 6, 3, 320), PICTURES / f"{kind}.jpg")
        print(f"{kind}: {size / 1e3:.0f} kB")
    PAGE.write_text(page(), encoding="utf-8")
