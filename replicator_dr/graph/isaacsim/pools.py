"""The render products of a spec on Isaac Sim: made when first needed, reused, destroyed at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.isaacsim.tile_limit import tile_limit
from replicator_dr.pool.identity import Entities
from replicator_dr.pool.layout import View
from replicator_dr.pool.pool import RenderProductPool, is_tileable

if TYPE_CHECKING:
    from pxr import Usd

Entries = Sequence[tuple[bool | None, Sequence[View]]]
"""For each entry of ``render_products``: what it says of tiles, and its views."""

Wanted = list[tuple[list[Any], list[Any]]]
"""Annotators, and the products to attach them to."""


class Pools:
    """The pools of a session: entries that say the same of tiles share one, so that their cameras can share a product.

    Changing between tiled and plain products makes new ones; otherwise they stay from run to run.
    """

    def __init__(self, core: Any, entries: Entries, stage: Usd.Stage) -> None:
        self._core = core
        self._entries = entries
        self._stage = stage
        self._order = [view.name for _, views in entries for view in views]
        self._pools: list[RenderProductPool] = []
        self._plain: bool | None = None

    @property
    def products(self) -> list[Any]:
        """Those that exist now."""
        return [product for pool in self._pools for product in pool.products]

    def open(self, writers: Sequence[Any]) -> None:
        """Have the products that these writers need."""
        plain = any(not takes_relays(writer) or getattr(writer, "needs_plain_products", False) for writer in writers)
        self._open(plain)

    def _open(self, plain: bool) -> None:
        if self._plain == plain:
            return
        self.close()
        groups: dict[bool | None, list[View]] = {}
        for tiled, views in self._entries:
            groups.setdefault(False if plain else tiled, []).extend(views)
        for tiled, views in groups.items():
            self._pools.append(RenderProductPool(self._core, views, tiled=tiled, limit=tile_limit()))
        self._plain = plain
        self._set_updates(False)

    def _set_updates(self, enabled: bool) -> None:
        for pool in self._pools:
            pool.set_updates(enabled)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Products are rendered inside the block only."""
        with ExitStack() as stack:
            for pool in self._pools:
                stack.enter_context(pool.capturing())
            yield

    def wanted(self, writer: Any) -> Wanted:
        """The writer's annotators, for plain products all, for tiled ones those that give one picture."""
        return self._assigned(list(writer.annotators))

    def _assigned(self, annotators: list[Any]) -> Wanted:
        plain: list[Any] = []
        tiled: list[Any] = []
        for pool in self._pools:
            for sheet, product in zip(pool.sheets, pool.products, strict=True):
                (tiled if sheet.tiled else plain).append(product)
        pictures = [annotator for annotator in annotators if is_tileable(annotator.get_name())]
        return [(made, products) for made, products in ((annotators, plain), (pictures, tiled)) if products]

    @contextmanager
    def looking(self, annotators: Sequence[str], plain: bool) -> Iterator[Wanted]:
        """Have products for some annotators, named; those of the writers come back when they are next opened."""
        self._open(plain or not all(is_tileable(name) for name in annotators))
        yield self._assigned([self._core.annotators.get(name) for name in annotators])

    def payloads(self, data: Mapping[str, Any], entities: Entities | None) -> dict[int, dict[str, Any]]:
        """{environment: {name of the view: its annotators}}, views in the order of the spec."""
        found: dict[int, dict[str, Any]] = {}
        for pool in self._pools:
            for env, payload in pool.payloads(data, self._stage, entities).items():
                found.setdefault(env, {}).update(payload["renderProducts"])
        order = list(dict.fromkeys(self._order))
        return {env: {name: views[name] for name in order} for env, views in found.items()}

    def views_of(self, env: int) -> list[View]:
        """The views of an environment, in the order of the spec."""
        return [view for _, views in self._entries for view in views if view.env == env]

    def close(self) -> None:
        """Destroy the products."""
        for pool in self._pools:
            pool.destroy()
        self._pools.clear()
        self._plain = None


def takes_relays(writer: Any) -> bool:
    """Whether a writer's layout is the one that does not change with the number of products."""
    return bool(writer.data_structure == "renderProduct")
