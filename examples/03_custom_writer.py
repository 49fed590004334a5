"""Add a writer of one's own: 2D boxes as one CSV table.

Run it: python examples/03_custom_writer.py [output folder]
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from replicator_dr import build_graph
from replicator_dr.plugins import WriterPlugin, register_writer
from replicator_dr.rep import rep


class BoxTableWriter(rep.Writer):
    """An ordinary Replicator writer: it names its annotators and gets their data, frame by frame, in order."""

    def __init__(self, output_dir: str) -> None:
        """output_dir: where boxes.csv goes."""
        self.annotators = [rep.AnnotatorRegistry.get_annotator("bounding_box_2d_tight")]
        # One place for the data of every render product, whether there is one or several.
        self.data_structure = "renderProduct"
        self._frame = 0
        Path(output_dir).mkdir(parents=True, exist_ok=True)
        self._file = (Path(output_dir) / "boxes.csv").open("w", newline="")
        self._table = csv.writer(self._file)
        self._table.writerow(["frame", "product", "label", "x_min", "y_min", "x_max", "y_max"])

    def write(self, data: dict[str, Any]) -> None:
        """Add one row per box; corners are pixels, the maxima inclusive as in Replicator."""
        for product, annotators in data["renderProducts"].items():
            boxes = annotators["bounding_box_2d_tight"]
            labels = boxes["idToLabels"]
            for box in boxes["data"]:
                corners = [int(box[corner]) for corner in ("x_min", "y_min", "x_max", "y_max")]
                label = labels[str(box["semanticId"])]["class"]  # the table's keys are texts, as in Replicator
                self._table.writerow([self._frame, product, label, *corners])
        self._frame += 1

    def on_final_frame(self) -> None:
        """The run is over."""
        self._file.flush()


@register_writer
class BoxTable(WriterPlugin):
    """A CSV table of 2D boxes."""

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> BoxTableWriter:
        """The writer, with what the spec says."""
        return BoxTableWriter(self.output_dir)


output = Path(sys.argv[1] if len(sys.argv) > 1 else "_out/box_table")
spec = {
    "name": "box_table",
    "create": {
        "balls": {"sphere": {"count": 4, "size": 0.4}, "semantics": {"class": "ball"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000}},
        "eye": {"camera": {"position": [3, 3, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [{"pose": {"prims": "balls", "position": {"uniform": [[-1, -1, 0], [1, 1, 0.5]]}}}],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
    "writers": [{"box_table": {"output_dir": str(output)}}],
}

with build_graph(spec) as graph:
    graph.run(5)
print((output / "boxes.csv").read_text())
