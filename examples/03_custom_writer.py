"""Add a dataset format of one's own: images, and their 2D boxes as one CSV table.

The folder, resuming, shards that merge, the manifest with checksums, splits and filters come with it.

Run it: python examples/03_custom_writer.py [output folder]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replicator_dr import build_graph
from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.content import Content
from replicator_dr.plugins import register_writer


@register_writer
class BoxTable(DatasetPlugin):
    """A CSV table of 2D boxes, beside the images."""

    header: bool = True
    """Whether the table begins with the names of its columns."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return BoxTableFormat(self.header, self.compression)


@dataclass(frozen=True)
class BoxTableFormat(DatasetFormat):
    """What the files hold: called for each image on any thread or process, and once at the end."""

    header: bool
    compression: int
    folders = ("images",)
    tables = ("boxes.csv",)

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """One PNG file an image, encoded once for all writers of the run."""
        return {self._name(image): image.batch.rgb(self.compression)[image.index]}

    def record(self, image: LabelledImage) -> Any:
        """What the table needs of an image: kept in the journal, one line for each image."""
        boxes = image.batch.records.box[image.rows].tolist()
        return [[self._name(image), name, *box] for name, box in zip(image.category_names, boxes)]

    def assemble(self, dataset: Assembly) -> None:
        """The table, from the journal, one image at a time; corners are pixels, the maxima inclusive."""
        with dataset.file("boxes.csv") as table:
            if self.header:
                table.write(b"file,label,x_min,y_min,x_max,y_max\n")
            for line in dataset.lines():
                table.write("".join(",".join(map(str, row)) + "\n" for row in line.value).encode())

    def _name(self, image: LabelledImage) -> str:
        return f"images/{image.product}_{image.frame:06d}.png"


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
