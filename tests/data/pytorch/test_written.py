"""A written dataset through PyTorch's own loader, torchvision's transforms and one of its detectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr.data import WrittenSamples
from tests.data.world import FRAMES, PRODUCTS

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("torchvision", reason="torchvision is not installed")

from torch.utils.data import DataLoader  # noqa: E402
from torchvision import tv_tensors  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

from replicator_dr.data.pytorch import SharedSampler, WrittenDataset, collate, tensors  # noqa: E402

IMAGES = FRAMES * PRODUCTS


def ids(loader: Any) -> list[int]:
    return [int(target["image_id"]) for _, targets in loader for target in targets]


def test_items_are_the_samples(folder: Path) -> None:
    dataset = WrittenDataset(folder)
    assert len(dataset) == IMAGES
    assert dataset.categories == {1: "ball", 2: "box"}
    for sample, (image, target) in zip(WrittenSamples(folder), dataset):
        height, width = sample["rgb"].shape[:2]
        np.testing.assert_array_equal(image.permute(1, 2, 0), sample["rgb"])
        assert isinstance(image, tv_tensors.Image)
        assert isinstance(target["masks"], tv_tensors.Mask)
        assert isinstance(target["boxes"], tv_tensors.BoundingBoxes)
        assert target["boxes"].format == tv_tensors.BoundingBoxFormat.XYXY
        assert target["boxes"].canvas_size == (height, width)
        assert target["boxes"].dtype == torch.float32
        assert target["labels"].dtype == target["iscrowd"].dtype == torch.int64
        for name, key in (("boxes", "boxes"), ("masks", "masks"), ("labels", "labels"), ("area", "areas")):
            np.testing.assert_array_equal(target[name], sample[key])
        assert target["image_id"] == sample["image_id"]


def test_images_without_objects_have_empty_targets_of_the_right_shape(folder: Path) -> None:
    empty = [(image, target) for image, target in WrittenDataset(folder) if not len(target["labels"])]
    assert empty
    for image, target in empty:
        assert target["boxes"].shape == (0, 4)
        assert target["masks"].shape == (0, *image.shape[1:])
        assert target["labels"].shape == target["area"].shape == target["iscrowd"].shape == (0,)


@pytest.mark.parametrize("workers", [0, 2, 3])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_gives_each_image_once(folder: Path, workers: int, shuffle: bool) -> None:
    loader = DataLoader(WrittenDataset(folder), batch_size=4, shuffle=shuffle, num_workers=workers, collate_fn=collate)
    assert sorted(ids(loader)) == sorted(WrittenSamples(folder).image_ids)


def test_workers_that_are_spawned_read_for_themselves(folder: Path) -> None:
    loader = DataLoader(
        WrittenDataset(folder), batch_size=5, num_workers=1, collate_fn=collate, multiprocessing_context="spawn"
    )
    assert ids(loader) == WrittenSamples(folder).image_ids.tolist()


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_share_an_epoch(folder: Path, ranks: int) -> None:
    dataset = WrittenDataset(folder)
    samplers = [SharedSampler(dataset, seed=4, rank=rank, of=ranks) for rank in range(ranks)]
    shares = [ids(DataLoader(dataset, batch_size=2, sampler=sampler, collate_fn=collate)) for sampler in samplers]
    assert sorted(image for share in shares for image in share) == WrittenSamples(folder).image_ids.tolist()
    assert [len(sampler) for sampler in samplers] == [len(share) for share in shares]
    even = [SharedSampler(dataset, seed=4, even=True, rank=rank, of=ranks) for rank in range(ranks)]
    assert {len(list(sampler)) for sampler in even} == {len(even[0])} == {IMAGES // ranks}


def test_epochs_differ_and_come_again(folder: Path) -> None:
    sampler = SharedSampler(WrittenDataset(folder), seed=9)
    orders = []
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
    assert orders[0] == orders[2]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(IMAGES))


def test_transforms_keep_boxes_and_masks_together(folder: Path) -> None:
    flip = v2.Compose([v2.RandomHorizontalFlip(1.0), v2.Pad([3, 5, 0, 0]), v2.ToDtype(torch.float32, scale=True)])
    checked = 0
    for image, target in WrittenDataset(folder, transforms=flip):
        assert image.dtype == torch.float32
        assert float(image.max()) <= 1.0
        assert target["masks"].shape[1:] == image.shape[1:] == target["boxes"].canvas_size
        for box, mask in zip(target["boxes"], target["masks"]):
            y, x = torch.nonzero(mask, as_tuple=True)
            assert box.tolist() == [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1]
            checked += 1
    assert checked > 10


def test_a_detector_trains_on_it(folder: Path) -> None:
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

    torch.manual_seed(0)
    backbone = resnet_fpn_backbone(backbone_name="resnet18", weights=None, trainable_layers=5)
    model = MaskRCNN(backbone, num_classes=3, min_size=64, max_size=96).train()
    dataset = WrittenDataset(folder, transforms=v2.ToDtype(torch.float32, scale=True))
    numbers = [target["labels"].numel() for _, target in dataset]
    # One image with objects, one without: detectors are to learn from both.
    chosen = [dataset[int(np.argmax(numbers))], dataset[int(np.argmin(numbers))]]
    images, targets = collate(chosen)
    losses = model(images, targets)
    assert set(losses) >= {"loss_classifier", "loss_box_reg", "loss_mask", "loss_objectness"}
    sum(losses.values()).backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert any(gradient.abs().max() > 0 for gradient in gradients)


def test_whole_samples_are_stacked_where_shapes_agree(folder: Path) -> None:
    dataset = WrittenDataset(folder, form=tensors)
    same = [dataset[number] for number in (0, 2, 4)]  # of one camera
    batch = collate(same)
    assert batch["rgb"].shape == (3, 3, 48, 64)
    assert batch["depth"].shape == (3, 48, 64)
    assert batch["intrinsics"].shape == (3, 3, 3)
    assert batch["image_id"].tolist() == [int(sample["image_id"]) for sample in same]
    assert [len(boxes) for boxes in batch["boxes"]] == [len(sample["labels"]) for sample in same]
    assert batch["product"] == ["front"] * 3
    mixed = collate([dataset[0], dataset[1]])
    assert [tuple(image.shape) for image in mixed["rgb"]] == [(3, 48, 64), (3, 64, 96)]
    for name, value in WrittenSamples(folder)[0].items():
        if isinstance(value, np.ndarray) and value.dtype.kind != "U" and name != "rgb":
            np.testing.assert_array_equal(dataset[0][name], value)
