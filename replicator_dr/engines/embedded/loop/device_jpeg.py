"""JPEG files that the renderer's device makes of its own images, for writers that want them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.embedded.annotate import annotators

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime
    from replicator_dr.render.photograph import DeviceImages
    from replicator_dr.render.scene import RenderedView


def encoded(images: DeviceImages, qualities: Collection[int]) -> Mapping[int, list[bytes]]:
    """{quality: a file for each image}. UnsupportedError where the device or the machine has no nvJPEG."""
    if images.rgb is None or not qualities:
        return {}
    from replicator_dr.encode.nvjpeg import encoder

    return {quality: encoder(images.rgb.device).encode(images.rgb, quality) for quality in sorted(qualities)}


def with_colors(rendered: RenderedView, images: DeviceImages | None, wanted: bool) -> RenderedView:
    """The view with its colours on the host, where they are wanted and were left on the device."""
    if images is None or images.rgb is None:
        return rendered
    return replace(rendered, rgb=images.rgb.numpy() if wanted else None)


def wishes(runtime: Runtime) -> tuple[dict[str, frozenset[int]], frozenset[str]]:
    """Qualities of JPEG files by product, and the products whose colours nobody wants besides.

    UnsupportedError where files are wanted that the device cannot make.
    """
    from replicator_dr.encode.nvjpeg import encoder

    qualities: dict[str, frozenset[int]] = {}
    seen = {
        annotator.product.name for annotator in runtime.products.annotators if annotator.product and _colors(annotator)
    }
    for writer in runtime.writers:
        quality = getattr(writer, "device_jpeg", None)
        names = [product.name for product in writer.render_products]
        if quality is not None:
            encoder(runtime.products.renderer(runtime.scene()).device)
            qualities.update({name: qualities.get(name, frozenset()) | {quality} for name in names})
        elif any(map(_colors, writer.get_annotators())):
            seen.update(names)
    return qualities, frozenset(qualities) - seen


def _colors(annotator: Any) -> bool:
    return annotators.kind(annotator.template_name).rgb
