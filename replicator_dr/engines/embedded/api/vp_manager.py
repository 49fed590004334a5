"""``rep.vp_manager``: the render products as Kit's viewport manager sees them."""

from __future__ import annotations

from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.runtime import current

__all__ = ["attach_hydra_texture", "destroy_hydra_textures"]


def attach_hydra_texture(render_product_path: str) -> RenderProduct:
    """The render product at a prim path. EngineError, with those that exist, where there is none."""
    product: RenderProduct = current().products.find(render_product_path)
    return product


def destroy_hydra_textures(name_prefix: str) -> None:
    """Destroy all render products whose name begins with ``name_prefix``."""
    for product in list(current().products.products):
        if product.name.startswith(name_prefix):
            product.destroy()
