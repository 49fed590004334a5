"""classes, layout, occlusion: what the dataset teaches; they inform and never fail."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import Bars, Figure, Finding, Heatmap, Histogram, Severity
from replicator_dr.run.audit.image import AuditedImage

_RARE = 0.1
_QUARTER = 0.02
_HIDDEN, _HIDDEN_SHARE = 0.1, 0.2
_BINS = 24
_SIZE_EDGES = np.linspace(0.0, 1.0, 21)
_COCO_SIZES = {"small": 32**2, "medium": 96**2}


class Classes(Check[Counter[int]]):
    """How often each class occurs."""

    name = "classes"
    meaning = "No class occurs less than a tenth as often as the median class, and some image has an object."
    severity = Severity.INFO
    quick = True
    limits: ClassVar[dict[str, float]] = {"smallest_share_of_median": _RARE}

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._counts: Counter[int] = Counter()
        self._empty = self._images = 0

    def look(self, image: AuditedImage) -> Counter[int]:
        """Objects of the image by category."""
        return Counter(one.category_id for one in image.annotations)

    def take(self, image: AuditedImage, seen: Counter[int]) -> None:
        """Add them up."""
        self._counts.update(seen)
        self._images += 1
        self._empty += not seen

    def _named(self) -> dict[str, int]:
        names = self.dataset.category_names
        return {names[number]: self._counts[number] for number in sorted(names)}

    def finish(self) -> None:
        """Name the rare ones."""
        counts = self._named()
        median = float(np.median(list(counts.values()))) if counts else 0.0
        for name, count in counts.items():
            if count < _RARE * median:
                message = f"class {name} has {count} objects, the median class {median:g}"
                self.findings.add([Finding(message, numbers={"objects": count, "median": median})])
        if self._empty == self._images:
            self.findings.add([Finding("no image has an object")])
        self.note = f"{sum(counts.values())} objects of {len(counts)} classes; {self._empty} images without an object"

    def figures(self) -> tuple[Figure, ...]:
        """Objects by class."""
        return (Bars("Objects by class", self._named()),)


class Layout(Check["NDArray[np.float64]"]):
    """Where in the image objects are, and how large."""

    name = "layout"
    meaning = "At least 2 % of the boxes have their centre in each quarter of the image."
    severity = Severity.INFO
    limits: ClassVar[dict[str, float]] = {"smallest_share_of_a_quarter": _QUARTER}

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._places = np.zeros((_BINS, _BINS), np.int64)
        self._sizes = np.zeros(len(_SIZE_EDGES) - 1, np.int64)
        self._areas: Counter[str] = Counter()

    def look(self, image: AuditedImage) -> NDArray[np.float64]:
        """(N, 4) of each object: centre x and y, square root of its box's share of the image, area [pixels]."""
        width, height = image.record.width, image.record.height
        rows = [
            ((x + w / 2) / width, (y + h / 2) / height, (max(w * h, 0.0) / (width * height)) ** 0.5, one.area)
            for one in image.annotations
            for x, y, w, h in [one.bbox]
        ]
        return np.array(rows, np.float64).reshape(-1, 4)

    def take(self, image: AuditedImage, seen: NDArray[np.float64]) -> None:
        """Add to the maps."""
        x, y, size, area = seen.T
        places, _, _ = np.histogram2d(y, x, _BINS, ((0, 1), (0, 1)))
        self._places += places.astype(np.int64)
        self._sizes += np.histogram(size, _SIZE_EDGES)[0]
        small, medium = _COCO_SIZES.values()
        self._areas.update(np.where(area < small, "small", np.where(area < medium, "medium", "large")).tolist())

    def finish(self) -> None:
        """Say which quarters of the image are empty."""
        whole = int(self._places.sum())
        if whole == 0:
            return
        quarters = self._places.reshape(2, _BINS // 2, 2, _BINS // 2).sum(axis=(1, 3)).ravel()
        for name, count in zip(("upper left", "upper right", "lower left", "lower right"), quarters.tolist()):
            if count < _QUARTER * whole:
                message = f"{count} of {whole} objects have their centre in the {name} quarter of the image"
                self.findings.add([Finding(message, numbers={"objects": count, "of": whole})])
        self.note = ", ".join(f"{self._areas[name]} {name}" for name in (*_COCO_SIZES, "large"))

    def figures(self) -> tuple[Figure, ...]:
        """The map of centres and the histogram of sizes."""
        top = max(int(self._places.max()), 1)
        rows = [[round(value / top, 4) for value in row] for row in self._places.tolist()]
        edges = [round(float(edge), 4) for edge in _SIZE_EDGES]
        sizes = Histogram("Box size", "square root of its share of the image", edges, self._sizes.tolist())
        return (Heatmap("Centres of boxes in the image", rows), sizes)


class Occlusion(Check["NDArray[np.float64]"]):
    """How much of the objects is hidden or cut off."""

    name = "occlusion"
    meaning = "At most a fifth of the objects are visible to less than 10 %: nobody could tell their class."
    severity = Severity.INFO
    limits: ClassVar[dict[str, float]] = {"hardly_visible": _HIDDEN, "largest_share": _HIDDEN_SHARE}

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._edges = np.linspace(0.0, 1.0, 21)
        self._counts = np.zeros((2, 20), np.int64)
        self._known = self._hidden = 0

    def look(self, image: AuditedImage) -> NDArray[np.float64]:
        """(N, 2) visible fraction and truncation of each object; nan where not known."""
        rows = [(one.visible_fraction, one.truncation) for one in image.annotations]
        return np.array(rows, np.float64).reshape(-1, 2)

    def take(self, image: AuditedImage, seen: NDArray[np.float64]) -> None:
        """Add to the histograms."""
        for row in range(2):
            self._counts[row] += np.histogram(seen[:, row], self._edges)[0]
        self._known += int(np.count_nonzero(~np.isnan(seen[:, 0])))
        self._hidden += int(np.count_nonzero(seen[:, 0] < _HIDDEN))

    def finish(self) -> None:
        """Say whether many are almost hidden."""
        share = self._hidden / max(self._known, 1)
        self.note = f"{share:.1%} of {self._known} objects are visible to less than {_HIDDEN:.0%}"
        if share > _HIDDEN_SHARE:
            remedy = "set min_visible_fraction of the writer, or spread the objects out"
            self.findings.add([Finding(f"{self.note}; {remedy}", numbers={"share": share})])

    def figures(self) -> tuple[Figure, ...]:
        """Histograms of both."""
        edges = [round(float(edge), 3) for edge in self._edges]
        visible, cut = self._counts.tolist()
        return (
            Histogram("Visible fraction", "share of the object that nothing hides", edges, visible),
            Histogram("Truncation", "share of the projected object outside the image", edges, cut),
        )
