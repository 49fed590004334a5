"""``rep.BasicWriter``: every annotator to files of its own, named and laid out as Replicator's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.api import functional
from replicator_dr.engines.embedded.api.annotators import get as get_annotator
from replicator_dr.engines.embedded.api.backends import BaseBackend, DiskBackend
from replicator_dr.engines.embedded.api.writers import Writer, WriterRegistry
from replicator_dr.errors import UnsupportedError
from replicator_dr.storage.json_numbers import plain

__all__ = ["BasicWriter"]

_BOXES = ("bounding_box_2d_tight", "bounding_box_2d_loose", "bounding_box_3d")
_SEGMENTATIONS = ("semantic_segmentation", "instance_segmentation", "instance_id_segmentation")


class BasicWriter(Writer):
    """Writes what is asked for: ``rgb_0000.png``, ``distance_to_camera_0000.npy``, ``camera_params_0000.json``...

    One render product: one flat folder. Several: ``<product>/<annotator>/<file>``, or ``<annotator>/<product>_<file>``
    with ``use_common_output_dir``. Only prims with a ``class`` label are labelled, unless ``semantic_types`` or
    ``semantic_filter_predicate`` say otherwise.
    """

    version = "0.0.1"
    data_structure = "annotator"

    def __init__(
        self,
        output_dir: str | None = None,
        s3_bucket: str | None = None,
        s3_region: str | None = None,
        s3_endpoint: str | None = None,
        semantic_types: list[str] | None = None,
        rgb: bool = False,
        bounding_box_2d_tight: bool = False,
        bounding_box_2d_loose: bool = False,
        semantic_segmentation: bool = False,
        instance_id_segmentation: bool = False,
        instance_segmentation: bool = False,
        distance_to_camera: bool = False,
        distance_to_image_plane: bool = False,
        bounding_box_3d: bool = False,
        occlusion: bool = False,
        normals: bool = False,
        motion_vectors: bool = False,
        camera_params: bool = False,
        pointcloud: bool = False,
        pointcloud_include_unlabelled: bool = False,
        image_output_format: str = "png",
        colorize_semantic_segmentation: bool = True,
        colorize_instance_id_segmentation: bool = True,
        colorize_instance_segmentation: bool = True,
        colorize_depth: bool = False,
        skeleton_data: bool = False,
        frame_padding: int = 4,
        semantic_filter_predicate: str | None = None,
        use_common_output_dir: bool = False,
        backend: BaseBackend | None = None,
    ) -> None:
        for name, value in {"s3_bucket": s3_bucket, "s3_region": s3_region, "s3_endpoint": s3_endpoint}.items():
            if value is not None:
                raise UnsupportedError(f"BasicWriter: {name} is not supported here; give output_dir and upload it")
        if skeleton_data:
            raise UnsupportedError("BasicWriter: skeleton_data is not available on the embedded runtime; leave it out")
        if semantic_types is not None and semantic_filter_predicate is not None:
            raise ValueError("BasicWriter: semantic_types and semantic_filter_predicate exclude each other")
        if backend is None and output_dir is None:
            raise ValueError("BasicWriter: there is nowhere to write to; give output_dir or backend")
        self.backend = backend if backend is not None else DiskBackend(output_dir=str(output_dir))
        self.image_output_format = image_output_format
        self.frame_padding = frame_padding
        self.use_common_output_dir = use_common_output_dir
        self.colorize_depth = colorize_depth
        self._frame_id = 0
        self.annotators = []
        if semantic_types is None and semantic_filter_predicate is None:
            semantic_types = ["class"]
        filters = (
            {"semanticFilter": semantic_filter_predicate}
            if semantic_filter_predicate is not None
            else {"semanticTypes": semantic_types}
        )
        wanted_names = {
            "rgb": rgb,
            "bounding_box_2d_tight": bounding_box_2d_tight,
            "bounding_box_2d_loose": bounding_box_2d_loose,
            "semantic_segmentation": semantic_segmentation,
            "instance_id_segmentation": instance_id_segmentation,
            "instance_segmentation": instance_segmentation,
            "distance_to_camera": distance_to_camera,
            "distance_to_image_plane": distance_to_image_plane,
            "bounding_box_3d": bounding_box_3d,
            "occlusion": occlusion,
            "normals": normals,
            "motion_vectors": motion_vectors,
            "camera_params": camera_params,
            "pointcloud": pointcloud,
        }
        colorize = {
            "semantic_segmentation": colorize_semantic_segmentation,
            "instance_segmentation": colorize_instance_segmentation,
            "instance_id_segmentation": colorize_instance_id_segmentation,
        }
        for name, wanted in wanted_names.items():
            if not wanted:
                continue
            params: dict[str, Any] = {}
            if name in (*_BOXES, "occlusion", "semantic_segmentation", "instance_segmentation"):
                params |= filters
            if name in colorize:
                params["colorize"] = colorize[name]
            if name == "pointcloud":
                params["includeUnlabelled"] = pointcloud_include_unlabelled
            # The _fast forms, as in Replicator; the semantic segmentation has none that it uses.
            fast = name in (*_BOXES, "instance_segmentation", "instance_id_segmentation")
            self.annotators.append(get_annotator(f"{name}_fast" if fast else name, init_params=params))

    def write(self, data: dict[str, Any]) -> None:
        """Queue the files of one frame."""
        annotators: Mapping[str, Any] = data["annotators"]
        products = list(annotators["camera"])
        number = f"{self._frame_id:0{self.frame_padding}}"
        for name, by_product in annotators.items():
            if name in ("camera", "resolution"):
                continue
            public = name.removesuffix("_fast")
            for product in products:
                place = self._place(public, product, len(products) > 1)
                self._write_annotator(public, by_product[product], functools.partial(_stem, place, number))
        self._frame_id += 1

    def _place(self, annotator: str, product: str, several: bool) -> str:
        if not several:
            return ""
        return f"{annotator}/{product}_" if self.use_common_output_dir else f"{product}/{annotator}/"

    def _write_annotator(self, name: str, value: Mapping[str, Any], path: Callable[[str], str]) -> None:
        if name == "camera_params":
            self._json(path(name), value)
        elif name in _SEGMENTATIONS:
            self._segmentation(name, value, path)
        elif name in _BOXES:
            self._array(path(name), value["data"])
            self._json(path(f"{name}_labels"), value["idToLabels"])
            self._json(path(f"{name}_prim_paths"), value["primPaths"])
        elif name.startswith("distance_to"):
            self._array(path(name), value["data"])
            if self.colorize_depth:
                self._image(path(name), depth_picture(value["data"]), "png")
        elif name == "pointcloud":
            self._array(path(name), value["data"])
            for suffix, key in (("rgb", "Rgb"), ("normals", "Normals"), ("semantic", "Semantic")):
                self._array(path(f"{name}_{suffix}"), value[f"point{key}"])
            self._array(path(f"{name}_instance"), value["pointInstance"])
        elif name in ("occlusion", "motion_vectors"):
            self._array(path(name), value["data"])
        elif name == "normals":
            self._image(path(name), normal_picture(value["data"]), self.image_output_format)
        else:
            self._image(path(name), value["data"], self.image_output_format)

    def _segmentation(self, name: str, value: Mapping[str, Any], path: Callable[[str], str]) -> None:
        self._image(path(name), value["data"], "png")
        if name == "semantic_segmentation":
            self._json(path(f"{name}_labels"), value["idToLabels"])
            return
        self._json(path(f"{name}_mapping"), value["idToLabels"])
        if "idToSemantics" in value:
            self._json(path(f"{name}_semantics_mapping"), value["idToSemantics"])

    def _image(self, stem: str, pixels: NDArray[Any], suffix: str) -> None:
        self.backend.schedule(functional.write_image, path=f"{stem}.{suffix}", data=pixels)

    def _array(self, stem: str, array: NDArray[Any]) -> None:
        self.backend.schedule(functional.write_np, path=f"{stem}.npy", data=array)

    def _json(self, stem: str, value: Any) -> None:
        self.backend.schedule(functional.write_json, path=f"{stem}.json", data=plain(value))


def _stem(place: str, number: str, name: str) -> str:
    return f"{place}{name}_{number}"


def depth_picture(distance: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 to look at: near bright, far dark, on a logarithmic scale; black where nothing is hit."""
    seen = np.isfinite(distance) & (distance > 0)
    grey = np.zeros(distance.shape, np.uint8)
    if seen.any():
        logarithm = np.log(distance[seen])
        low, high = float(logarithm.min()), float(logarithm.max())
        grey[seen] = (255.0 - 215.0 * (logarithm - low) / max(high - low, 1e-9)).astype(np.uint8)
    return np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)


def normal_picture(normals: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: each component from -1..1 to 0..255."""
    picture = ((normals * 0.5 + 0.5) * 255).astype(np.uint8)
    picture[..., 3] = 255
    return picture


WriterRegistry.register(BasicWriter)
