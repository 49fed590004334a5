"""Train a detector on a written dataset: torchvision's Faster R-CNN in a plain PyTorch loop.

Needs the extra torch. Run it: python examples/11_train_from_disk.py [dataset folder]
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn
from torchvision.transforms import v2

from replicator_dr import build_graph
from replicator_dr.data.pytorch import WrittenDataset, collate

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "_out/train")

spec = {
    "name": "train",
    "seed": 3,
    "create": {
        "floor": {"plane": {"scale": 6}},
        "boxes": {"cube": {"count": 4}, "semantics": {"class": "box"}},
        "balls": {"sphere": {"count": 3}, "semantics": {"class": "ball"}},
        "things": {"group": ["boxes", "balls"]},
        "sun": {"light": {"light_type": "distant", "intensity": 3000, "rotation": [-50, 20, 0]}},
        "eye": {"camera": {"position": [2.5, 2.5, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "things", "size": {"uniform": [0.2, 0.5]}}},
                {"scatter_2d": {"prims": "things", "surface_prims": "floor"}},
                {"color": {"prims": "things", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
    "writers": [{"coco_depth": {"splits": {"train": 0.75, "val": 0.25}}}],
}

if not (folder / "annotations.json").exists():
    with build_graph(spec) as graph:
        graph.run(16, output_dir=folder)

augment = v2.Compose([v2.RandomHorizontalFlip(), v2.ToDtype(torch.float32, scale=True)])
dataset = WrittenDataset(folder, split="train", transforms=augment)
loader = DataLoader(dataset, batch_size=4, shuffle=True, collate_fn=collate)
print(f"{len(dataset)} images, classes {dataset.categories}")

# Label 0 is the background.
model = fasterrcnn_mobilenet_v3_large_320_fpn(
    weights=None, weights_backbone=None, num_classes=len(dataset.categories) + 1
).train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9)

for epoch in range(2):
    for images, targets in loader:
        losses = model(images, targets)
        loss = sum(losses.values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"epoch {epoch}: loss {float(loss):.3f}")
