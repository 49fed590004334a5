"""Masks from annotations: run lengths or outlines to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.records import Annotation
from replicator_dr.errors import DatasetError


def decode_masks(annotations: Sequence[Annotation], height: int, width: int) -> NDArray[np.bool_]:
    """(N, H, W) bool, the visible pixels of each object. DatasetError where a mask is not one of such an image."""
    if not annotations:
        return np.zeros((0, height, width), np.bool_)
    from pycocotools import mask

    try:
        runs = [_compressed(one.segmentation, height, width) for one in annotations]
        decoded = mask.decode(runs)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"a mask of image {annotations[0].image_id} cannot be decoded: {error}") from error
    result: NDArray[np.bool_] = np.ascontiguousarray(decoded.transpose(2, 0, 1)).view(np.bool_)
    areas = np.count_nonzero(result.reshape(len(result), -1), axis=1)
    for one, run, area in zip(annotations, runs, areas.tolist()):
        if list(run["size"]) != [height, width] or (isinstance(one.segmentation, dict) and area != one.area):
            raise DatasetError(
                f"the mask of annotation {one.id} has {area} pixels of {run['size'][1]} x {run['size'][0]}; its record "
                f"says {one.area} of {width} x {height}: the file was changed, make it anew"
            )
    return result


def _compressed(segmentation: dict[str, Any] | list[Any], height: int, width: int) -> dict[str, Any]:
    """As pycocotools takes run lengths; outlines are joined into one mask."""
    from pycocotools import mask

    if isinstance(segmentation, list):
        joined: dict[str, Any] = mask.merge(mask.frPyObjects(segmentation, height, width))
        return joined
    if not isinstance(segmentation["counts"], str):
        raise TypeError("its run lengths are not compressed")
    return segmentation
