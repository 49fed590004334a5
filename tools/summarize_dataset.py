"""Load a COCO dataset back with pycocotools and say what is in it: python tools/summarize_dataset.py FOLDER."""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from pathlib import Path

from pycocotools.coco import COCO


def summarize(folder: Path) -> str:
    """A few lines on the dataset in ``folder``; raises FileNotFoundError where no annotations.json lies."""
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its own progress
        coco = COCO(str(folder / "annotations.json"))
    names = {identity: category["name"] for identity, category in coco.cats.items()}
    counts = Counter(names[annotation["category_id"]] for annotation in coco.anns.values())
    covered = sum(int(coco.annToMask(annotation).sum()) for annotation in coco.anns.values())
    stated = sum(int(annotation["area"]) for annotation in coco.anns.values())
    files = [path for path in folder.rglob("*") if path.is_file()]
    lines = [
        f"pycocotools loaded {folder / 'annotations.json'}:",
        f"  {len(coco.imgs)} images, {len(coco.anns)} annotations, {len(names)} categories,"
        f" {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB",
        f"  masks decoded: {covered} pixels, as the stated areas say"
        if covered == stated
        else f"  masks decode to {covered} pixels, but the stated areas sum to {stated}",
        "  " + (", ".join(f"{name} {count}" for name, count in counts.most_common()) or "nothing is annotated"),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(summarize(Path(sys.argv[1])))
