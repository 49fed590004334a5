"""A graph through PyTorch's loader: what the disk would give, each frame once, in orders that come again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.data import WrittenSamples
from replicator_dr.errors import EngineError
from tests.data.world import FRAMES, PRODUCTS, SPEC

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("torchvision", reason="torchvision is not installed")

from torch.utils.data import DataLoader  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

from replicator_dr.data.pytorch import LiveDataset, WrittenDataset, collate, tensors  # noqa: E402

SMALL = {
    **SPEC,
    "render_products": [{"cameras": "front", "resolution": [24, 16]}],
    "writers": [],
}


def ids(items: Any) -> list[int]:
    return [int(target["image_id"]) for _, target in items]


def test_items_are_those_of_the_disk(folder: Path) -> None:
    scaled = v2.ToDtype(torch.float32, scale=True)
    with build_graph(SPEC, device="cpu") as graph:
        live = list(LiveDataset(graph, FRAMES, transforms=scaled))
        assert LiveDataset(graph, FRAMES).categories == WrittenDataset(folder).categories
    disk = list(WrittenDataset(folder, transforms=scaled))
    assert len(live) == len(disk)
    for (image, target), (other, expected) in zip(live, disk):
        torch.testing.assert_close(image, other, rtol=0, atol=0)
        assert set(target) == set(expected)
        for name, value in expected.items():
            assert type(target[name]) is type(value)
            np.testing.assert_array_equal(target[name], value)


def test_arrays_are_not_copied() -> None:
    from replicator_dr.data import LiveSamples

    with build_graph(SMALL, device="cpu") as graph:
        sample = next(iter(LiveSamples(graph, 1)))
    item = tensors(sample)
    for name in ("rgb", "depth", "masks", "poses"):
        assert item[name].data_ptr() == sample[name].ctypes.data, name


@pytest.mark.parametrize("workers", [0, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_loader_gives_each_frame_once(workers: int) -> None:
    dataset = LiveDataset(SMALL, 11, shuffle=True, seed=1, device="cpu", batch=2, workers=1)
    options: dict[str, Any] = {"num_workers": workers, "collate_fn": collate}
    if workers:
        options |= {"multiprocessing_context": "spawn", "persistent_workers": True}
    loader = DataLoader(dataset, batch_size=2, **options)
    orders = []
    for epoch in (0, 1, 0):
        dataset.set_epoch(epoch)
        orders.append([int(target["image_id"]) for _, targets in loader for target in targets])
        assert sorted(orders[-1]) == list(range(1, 12))
    assert orders[0] == orders[2]
    assert orders[0] != orders[1]


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_share_an_epoch(ranks: int) -> None:
    with build_graph(SMALL, device="cpu") as graph:
        shares = [ids(LiveDataset(graph, 10, shuffle=True, rank=rank, of=ranks)) for rank in range(ranks)]
        even = [ids(LiveDataset(graph, 10, shuffle=True, even=True, rank=rank, of=ranks)) for rank in range(ranks)]
    assert sorted(image for share in shares for image in share) == list(range(1, 11))
    assert {len(share) for share in even} == {10 // ranks}


def test_whole_samples(exact: Path) -> None:
    with build_graph(SPEC, device="cpu") as graph:
        live = next(iter(LiveDataset(graph, 1, form=tensors)))
    disk = WrittenDataset(exact, form=tensors)[0]
    assert list(live) == list(disk)
    np.testing.assert_array_equal(live["depth"], disk["depth"])
    np.testing.assert_array_equal(live["poses"], WrittenSamples(exact)[0]["poses"])


def test_a_graph_cannot_be_sent_to_workers() -> None:
    with build_graph(SMALL, device="cpu") as graph:
        loader = DataLoader(LiveDataset(graph, 4), batch_size=None, num_workers=1, multiprocessing_context="spawn")
        with pytest.raises(EngineError, match="give LiveDataset the spec, its file or a dictionary"):
            next(iter(loader))


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
def test_a_fork_of_a_process_that_has_rendered_is_refused() -> None:
    with build_graph(SMALL, device="cpu") as graph:
        next(graph.frames(1))
        assert "warp" in sys.modules
        for source in (graph, SMALL):
            loader = DataLoader(LiveDataset(source, 4), batch_size=None, num_workers=1, multiprocessing_context="fork")
            with pytest.raises(EngineError, match=r"num_workers=0|multiprocessing_context='spawn'"):
                next(iter(loader))


def test_images_per_frame_follow_one_another() -> None:
    with build_graph(SPEC, device="cpu") as graph:
        taken = ids(LiveDataset(graph, 6, shuffle=True, seed=5))
    assert len(taken) == 6 * PRODUCTS
    assert [image + 1 for image in taken[::PRODUCTS]] == taken[1::PRODUCTS]


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_on_cuda_everything_stays_there_and_nothing_is_drawn_over() -> None:
    sums = []
    for device in ("cuda:0", "cpu"):
        with build_graph(SPEC, device=device) as graph:
            dataset = LiveDataset(graph, 40, form=tensors, batch=4)
            if device == "cpu":
                assert next(iter(dataset))["rgb"].device.type == "cpu"
            taken = []
            for item in dataset:
                for name, value in item.items():
                    if isinstance(value, torch.Tensor):
                        assert value.device.type == torch.device(device).type, name
                # Work that is still to be done when the next images are drawn.
                slow = item["rgb"].to(torch.float64)
                for _ in range(50):
                    slow = slow * 1.0
                masks = item["masks"].to(torch.int64).sum(dim=(1, 2))
                taken.append((item["image_id"], slow.sum(), masks, item["areas"], item["boxes"].sum()))
            sums.append([[value.cpu() for value in row] for row in taken])
    for drawn, expected in zip(*sums, strict=True):
        np.testing.assert_array_equal(drawn[2], drawn[3])
        for position in (0, 2, 3, 4):
            np.testing.assert_array_equal(drawn[position], expected[position])
        # CPU and CUDA shade alike but for a few last digits.
        assert abs(float(drawn[1] - expected[1])) <= 1e-3 * float(expected[1])
