"""torchvision's datasets, as tv_tensors for its transforms where it wraps them."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.reader import Reader, filled, frame_of
from tests.conformance.readers.kitti import joined
from tests.conformance.readers.pascal_voc import edges
from tests.conformance.seen import Frames, Seen


def read_coco(folder: Path) -> Frames:
    """Through a transform that mirrors the image twice."""
    from torchvision.datasets import CocoDetection, wrap_dataset_for_transforms_v2
    from torchvision.transforms import v2

    twice = v2.Compose([v2.RandomHorizontalFlip(1.0), v2.RandomHorizontalFlip(1.0)])
    plain = CocoDetection(str(folder), str(folder / "annotations.json"))
    wrapped = wrap_dataset_for_transforms_v2(
        CocoDetection(str(folder), str(folder / "annotations.json"), transforms=twice),
        target_keys=("boxes", "labels", "masks"),
    )
    found: Frames = {}
    for number, (_, target) in zip(plain.ids, wrapped, strict=True):
        columns = (target[key] for key in ("labels", "boxes", "masks")) if "boxes" in target else ((), (), ())
        found[frame_of(plain.coco.imgs[number]["file_name"])] = [
            Seen(plain.coco.cats[int(label)]["name"], tuple(box.tolist()), mask.numpy().astype(bool))
            for label, box, mask in zip(*columns, strict=True)
        ]
    return found


def read_kitti(folder: Path) -> Frames:
    """Its class looks below Kitti/raw."""
    from torchvision.datasets import Kitti

    root = _linked(folder, "Kitti/raw")
    dataset = Kitti(str(root))
    found: Frames = {}
    for path, (_, target) in zip(dataset.images, dataset, strict=True):
        sides = ((entry["type"], *entry["bbox"]) for entry in target)
        found[int(Path(path).stem)] = [
            Seen(kind, whole_box=(left, top, right + 1, bottom + 1)) for kind, left, top, right, bottom in sides
        ]
    return found


def read_pascal_voc(folder: Path) -> Frames:
    """Its class looks below VOCdevkit/VOC2012."""
    from torchvision.datasets import VOCDetection

    root = _linked(folder, "VOCdevkit/VOC2012")
    found: Frames = {}
    for _, target in VOCDetection(str(root), year="2012", image_set="trainval"):
        entries = target["annotation"].get("object", [])
        found[frame_of(target["annotation"]["filename"])] = [
            Seen(entry["name"], edges(entry["bndbox"])) for entry in entries
        ]
    return found


def _linked(folder: Path, place: str) -> Path:
    """A folder beside it, in which it is found at ``place``."""
    root = folder.parent / "for_torchvision"
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    if not (root / place).exists():
        (root / place).symlink_to(folder)
    return root


_NEEDS = ("torchvision",)

READERS = (
    Reader("coco_depth", "torchvision", _NEEDS, read_coco),
    Reader("coco_depth polygons", "torchvision", _NEEDS, read_coco, mask=filled, loses="holes"),
    Reader(
        "kitti", "torchvision", _NEEDS, read_kitti, box="whole", box_error=0.01, mask=None, category=joined,
        loses="masks",
    ),
    Reader("pascal_voc", "torchvision", _NEEDS, read_pascal_voc, mask=None, loses="masks"),
)  # fmt: skip
