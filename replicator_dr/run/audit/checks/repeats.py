"""stale, duplicates: an image that should differ from another does."""

from __future__ import annotations

from replicator_dr.labels.facts import is_fact
from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.image import AuditedImage


class Stale(Check["str | None"]):
    """Frames that show what the frame before showed: a renderer that did not keep up with the scene."""

    name = "stale"
    meaning = "No image equals the one before it while labels or draws say that the scene changed."
    quick = True

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._before: dict[str, tuple[str, int]] = {}

    def look(self, image: AuditedImage) -> str | None:
        """What is equal for equal pixels."""
        return image.fingerprint

    def take(self, image: AuditedImage, seen: str | None) -> None:
        """Compare with the image before it of the same render product."""
        if seen is None:
            return
        fingerprint, row = self._before.get(image.record.product, ("", -1))
        self._before[image.record.product] = (seen, image.row)
        if fingerprint == seen:
            before = AuditedImage(self.dataset, row, decodes=False)
            if why := difference(image, before):
                message = f"stale: the same pixels as image {before.record.id} before it, and {why}"
                self.findings.add([image.finding(message, same_as=before.record.id)])


class Duplicates(Check["str | None"]):
    """The same picture twice, anywhere in the set: it leaks from training into validation."""

    name = "duplicates"
    meaning = "No two images of the set are equal while labels or draws say that they should differ."
    quick = True

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._first: dict[str, int] = {}
        self._before: dict[str, str] = {}
        self._alike = 0

    def look(self, image: AuditedImage) -> str | None:
        """What is equal for equal pixels."""
        return image.fingerprint

    def take(self, image: AuditedImage, seen: str | None) -> None:
        """Compare with the first image of the same pixels; repeats of the one before are left to ``stale``."""
        if seen is None:
            return
        follows = self._before.get(image.record.product) == seen
        self._before[image.record.product] = seen
        row = self._first.setdefault(seen, image.row)
        if row == image.row or follows:
            return
        first = AuditedImage(self.dataset, row, decodes=False)
        if why := difference(image, first):
            message = f"duplicate: the same pixels as image {first.record.id}, and {why}"
            self.findings.add([image.finding(message, same_as=first.record.id)])
        else:
            self._alike += 1

    def finish(self) -> None:
        """Say how many repeat an image whose labels and draws are the same."""
        if self._alike:
            self.note = f"{self._alike} images repeat another one of the same labels and draws"


def difference(image: AuditedImage, other: AuditedImage) -> str:
    """What says that two images should look different; empty where nothing does.

    Draws count where they show: those of lights, and of items that either image has labels of. An item out of view may
    vary and leave the image as it was.
    """
    if _labels(image) != _labels(other):
        return "their labels differ"
    shown = _items(image) | _items(other)
    for name, values in image.record.draws.items():
        owner, _, rest = name.partition(".")
        if is_fact(name):
            continue
        if values != other.record.draws.get(name) and (owner in shown or rest.startswith("light")):
            return f"their draws of {name} differ"
    return ""


def _labels(image: AuditedImage) -> list[tuple[object, ...]]:
    return [(one.instance_id, one.bbox, one.area, one.segmentation) for one in image.annotations]


def _items(image: AuditedImage) -> set[str]:
    """The created items of which something is labelled: /Replicator/<name>/..., copies with a number behind it."""
    parts = (one.prim_path.split("/") for one in image.annotations if one.prim_path)
    names = {path[2] for path in parts if len(path) > 2}
    return names | {name.rsplit("_", 1)[0] for name in names}
