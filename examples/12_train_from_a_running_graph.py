"""Train while the graph renders, nothing written: a small network learns depth from colours.

Needs the extra torch. Run it: python examples/12_train_from_a_running_graph.py
"""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader

from replicator_dr.data.pytorch import LiveDataset, collate, tensors

spec = {
    "name": "live",
    "seed": 4,
    "create": {
        "floor": {"plane": {"scale": 6}},
        "boxes": {"cube": {"count": 5}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 3000, "rotation": [-50, 20, 0]}},
        "eye": {"camera": {"position": [2.5, 2.5, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "boxes", "size": {"uniform": [0.2, 0.6]}}},
                {"scatter_2d": {"prims": "boxes", "surface_prims": "floor"}},
                {"color": {"prims": "boxes", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [96, 64]}],
}

# Give the spec, not a graph, and num_workers > 0 lets each worker render with a graph of its own.
dataset = LiveDataset(spec, frames=24, form=tensors, shuffle=True)
loader = DataLoader(dataset, batch_size=8, collate_fn=collate)

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(3, 16, 5, padding=2), nn.ReLU(), nn.Conv2d(16, 16, 5, padding=2), nn.ReLU(), nn.Conv2d(16, 1, 1)
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

for epoch in range(3):
    dataset.set_epoch(epoch)
    errors = []
    for batch in loader:
        colors = batch["rgb"].float() / 255
        depth = batch["depth"]
        seen = torch.isfinite(depth)
        error = (model(colors)[:, 0] - depth)[seen].abs().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(float(error.detach()))
    print(f"epoch {epoch}: {sum(errors) / len(errors):.2f} m off on average")
