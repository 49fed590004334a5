"""``rep.Writer``, ``rep.WriterRegistry`` and ``rep.writers``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.api.annotators import Annotator
from replicator_dr.engines.embedded.api.annotators import get as get_annotator
from replicator_dr.engines.embedded.api.errors import InvalidWriterError, WriterError, WriterRegistryError
from replicator_dr.engines.embedded.nodes import TriggerNode
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import UnsupportedError
from replicator_dr.pool.usd_lens import read_lens

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.rigid_objects import RigidObject

__all__ = [
    "NodeWriter",
    "Writer",
    "WriterRegistry",
    "get",
    "register_node_writer",
    "register_writer",
    "unregister_writer",
]

EVERY_FRAME = "omni.replicator.core.OgnOnFrame"
"""The default trigger: every captured frame."""


class Writer(ABC):
    """Gets each captured frame of its render products through ``write(data)``.

    A subclass sets ``self.annotators`` (names or Annotator objects) and, where it writes through one, ``self.backend``
    in ``__init__``. data_structure: layout of the data, "legacy", "renderProduct" or "annotator".

    A writer that also has ``write_batch(batch) -> list[dict]`` and ``commit(records)`` is called with whole batches
    instead: ``write_batch`` on worker threads, ``commit`` on the main thread in the order of frames. Optional hooks:
    ``prepare()`` before anything is rendered, ``discard(records)`` for records that a failed run does not commit,
    ``batch_job()`` for what ``write_batch`` does as a callable that can be pickled, so that it may run in a process of
    its own; the job may have a ``prepare()`` of its own, called once before the processes start.
    """

    backend: Any = None
    version: str | None = "0.0.0"
    annotators: Any = None
    metadata: Any = None
    num_written: int | None = None
    data_structure: str = "legacy"

    _products: tuple[RenderProduct, ...] = ()
    _trigger: Any = EVERY_FRAME
    _scheduled: int = 0
    _metadata_written: bool = False
    _data: dict[str, Any] | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Writer:
        """A writer with lists of its own, even when ``__init__`` has not run yet."""
        writer = super().__new__(cls)
        writer.annotators = []
        writer.num_written = 0
        return writer

    def initialize(self, **kwargs: Any) -> None:
        """Run ``__init__`` with these arguments."""
        self.__init__(**kwargs)  # type: ignore[misc]

    @abstractmethod
    def write(self, data: dict[str, Any]) -> None:
        """Take one captured frame; called once a frame with all render products of the writer."""

    def on_final_frame(self) -> None:  # noqa: B027 - overriding it is optional
        """Called when the orchestrator has stopped."""

    def attach(self, render_products: Any, trigger: Any = EVERY_FRAME) -> None:
        """Write these render products (one, or a list; products or paths).

        trigger: the default is every captured frame; None waits for ``schedule_write``; a trigger's item writes when
        it fires; a callable is asked at each frame. UnsupportedError for other OmniGraph nodes.
        """
        if isinstance(trigger, str) and trigger != EVERY_FRAME:
            raise UnsupportedError(
                f"Writer.attach: the trigger node {trigger!r} does not exist on the embedded runtime; give the item of "
                "a trigger, a function, or None with schedule_write()"
            )
        pool = current().products
        listed = render_products if isinstance(render_products, list | tuple) else [render_products]
        if not listed:
            raise WriterError(f"{type(self).__name__}.attach: there is no render product in the list given")
        self._products = tuple(pool.find(item) if isinstance(item, str) else item for item in listed)
        self._trigger = trigger
        if not any(writer is self for writer in current().writers):
            current().writers.append(self)

    async def attach_async(self, render_products: Any, trigger: Any = EVERY_FRAME) -> None:
        """The same as ``attach``."""
        self.attach(render_products, trigger)

    def detach(self) -> None:
        """Stop writing."""
        current().writers[:] = [writer for writer in current().writers if writer is not self]
        self._products = ()

    def schedule_write(self) -> None:
        """Write the next captured frame; for writers attached with ``trigger=None``."""
        self._scheduled += 1

    def get_data(self) -> dict[str, Any]:
        """What the last ``write`` was given; empty before the first."""
        return self._data or {}

    def get_annotators(self) -> list[Annotator]:
        """The annotators as objects; names in ``self.annotators`` become objects here."""
        self.annotators = [
            get_annotator(annotator) if isinstance(annotator, str) else annotator for annotator in self.annotators or []
        ]
        return list(self.annotators)

    def get_attached_annotators(self) -> dict[str, list[Annotator]]:
        """{name of a render product: its annotators}."""
        return {product.name: self.get_annotators() for product in self._products}

    def get_annotator(self, name: str) -> Annotator:
        """One of the writer's annotators. WriterError, with those it has, where there is none of that name."""
        for annotator in self.get_annotators():
            if annotator.name == name:
                return annotator
        known = ", ".join(annotator.name for annotator in self.get_annotators()) or "none"
        raise WriterError(f"{type(self).__name__} has no annotator {name!r}; it has: {known}")

    def add_annotator(self, annotator: Any, name: str | None = None) -> None:
        """Add an annotator, by name or as an object; before ``attach``."""
        made = get_annotator(annotator) if isinstance(annotator, str) else annotator
        if name is not None:
            made._name = name
        self.annotators = [*(self.annotators or []), made]

    def augment_annotator(self, annotator_name: str, augmentation: Any, **kwargs: Any) -> None:
        """Append a change to one of the writer's annotators; it keeps its name."""
        self.get_annotator(annotator_name).augment(augmentation, **kwargs)

    def get_metadata(self) -> dict[str, Any]:
        """What metadata.txt says: the writer's name and version, and the global seed."""
        return {
            "name": type(self).__name__,
            "version": self.version,
            "seed": current().seed,
            **(self.metadata or {}),
        }

    def write_metadata(self) -> None:
        """Write metadata.txt through the backend, once; nothing where the writer has no backend that can schedule."""
        if self._metadata_written or not hasattr(self.backend, "schedule"):
            return
        from replicator_dr.engines.embedded.api.functional import write_json

        self._metadata_written = True
        self.backend.schedule(write_json, path="metadata.txt", data=self.get_metadata())

    def get_node(self) -> None:
        """Not available here: writers are no OmniGraph nodes."""
        raise UnsupportedError("Writer.get_node: the embedded runtime has no OmniGraph nodes")

    def reset(self) -> None:
        """Forget what was scheduled and counted."""
        self._scheduled = 0
        self.num_written = 0
        self._metadata_written = False
        self._data = None

    @property
    def render_products(self) -> tuple[RenderProduct, ...]:
        """What it is attached to."""
        return self._products

    @property
    def writes_every_frame(self) -> bool:
        """Whether no trigger of its own decides."""
        return isinstance(self._trigger, str)

    def fires(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(B,) bool: which of the frames the writer's trigger lets through. Called once, in the order of frames."""
        if self.writes_every_frame:
            return np.ones(len(frames), np.bool_)
        if self._trigger is None:
            taken = min(self._scheduled, len(frames))
            self._scheduled -= taken
            return np.arange(len(frames)) < taken
        node = getattr(self._trigger, "node", self._trigger)
        if isinstance(node, TriggerNode):
            return np.asarray(node.fires.fired_at(frames) == frames)
        if callable(self._trigger):
            return np.array([bool(self._trigger()) for _ in frames], np.bool_)
        raise WriterError(f"{type(self).__name__}: {self._trigger!r} is no trigger")

    def label_sets(self) -> tuple[dict[str, str], ...]:
        """All labels that the scene's prims may carry, ``{type: "a,b"}`` each: known before anything is captured."""
        return tuple(dict(labels) for labels in current().scene().labels.label_sets)

    def lens_models(self) -> dict[str, str]:
        """{render product: the model of its camera's lens}, where that distorts: known before anything is captured."""
        stage = current().stage
        lenses = {product.name: read_lens(stage.GetPrimAtPath(product.cameras[0])) for product in self._products}
        return {name: lens.model.name.lower() for name, lens in lenses.items() if lens is not None}

    def rigid_objects(self) -> list[RigidObject]:
        """The shapes of the scene's labelled prims. UnsupportedError for one whose shape varies."""
        from replicator_dr.engines.embedded.scene.rigid_objects import rigid_objects

        return rigid_objects(current())

    def take(self, data: dict[str, Any]) -> None:
        """Hand one frame to ``write``, with what Replicator does around it."""
        self.write_metadata()
        self._data = data
        self.write(data)
        self.num_written = (self.num_written or 0) + 1


class NodeWriter:
    """Not available here: writers that are OmniGraph nodes exist in Kit only."""

    def __init__(self, node_type_id: str, annotators: Sequence[Any], **kwargs: Any) -> None:
        raise UnsupportedError(
            f"writers.NodeWriter: the OmniGraph node {node_type_id!r} cannot run on the embedded runtime; "
            "derive a class from rep.Writer"
        )


class WriterRegistry:
    """The writers by name."""

    _writers: ClassVar[dict[str, type[Writer]]] = {}
    _categories: ClassVar[dict[str, str | None]] = {}
    _default_writers: ClassVar[list[str]] = ["BasicWriter"]

    @classmethod
    def register(cls, writer: Any, category: str | None = None) -> None:
        """Make a writer's class known under its name. InvalidWriterError for anything else than a Writer's class."""
        if not (isinstance(writer, type) and issubclass(writer, Writer)):
            raise InvalidWriterError(f"{writer!r} is no writer; register a class derived from rep.Writer")
        cls._writers[writer.__name__] = writer
        cls._categories[writer.__name__] = category

    @classmethod
    def register_node_writer(
        cls, name: str, node_type_id: str, annotators: Sequence[Any], category: str | None = None, **kwargs: Any
    ) -> None:
        """Not available here: writers that are OmniGraph nodes exist in Kit only."""
        NodeWriter(node_type_id, annotators)

    @classmethod
    def unregister(cls, writer_name: str) -> None:
        """Forget a writer. WriterRegistryError where there is none."""
        cls._class(writer_name)
        del cls._writers[writer_name]
        del cls._categories[writer_name]

    @classmethod
    def _class(cls, name: str) -> type[Writer]:
        if name not in cls._writers:
            raise WriterRegistryError(f"there is no writer {name!r}; registered are: {', '.join(sorted(cls._writers))}")
        return cls._writers[name]

    @classmethod
    def get(
        cls,
        writer_name: str,
        init_params: dict[str, Any] | None = None,
        render_products: Any = None,
        trigger: Any = EVERY_FRAME,
    ) -> Writer:
        """A new writer. Its ``__init__`` runs with ``initialize``, or here when ``init_params`` are given."""
        found = cls._class(writer_name)
        writer: Writer = found.__new__(found)
        if init_params is not None:
            writer.initialize(**init_params)
        if render_products is not None:
            writer.attach(render_products, trigger)
        return writer

    @classmethod
    def attach(
        cls,
        writer: Writer,
        render_products: Any,
        init_params: dict[str, Any] | None = None,
        trigger: Any = EVERY_FRAME,
        **kwargs: Any,
    ) -> None:
        """Initialize a writer where parameters are given, and attach it."""
        if init_params is not None:
            writer.initialize(**init_params)
        writer.attach(render_products, trigger)

    @classmethod
    def detach(cls, writer_name: str, render_products: Any = None) -> None:
        """Detach every attached writer of that name."""
        for writer in list(current().writers):
            if type(writer).__name__ == writer_name:
                writer.detach()

    @classmethod
    def get_writers(cls, category: str | None = None) -> dict[str, type[Writer]]:
        """{name: class} of the registered writers, of one category or all."""
        return {
            name: writer
            for name, writer in cls._writers.items()
            if category is None or cls._categories[name] == category
        }

    @classmethod
    def get_attached_writers(cls, render_products: Any) -> list[Writer]:
        """The writers attached to these render products (products or paths)."""
        wanted = render_products if isinstance(render_products, list | tuple) else [render_products]
        paths = {item if isinstance(item, str) else item.path for item in wanted}
        return [writer for writer in current().writers if paths & {product.path for product in writer.render_products}]

    @classmethod
    def get_attached_writer(cls, writer_name: str, render_products: Any) -> Writer | None:
        """The first of those that has this name."""
        for writer in cls.get_attached_writers(render_products):
            if type(writer).__name__ == writer_name:
                return writer
        return None

    @classmethod
    def get_writer_render_products(cls) -> list[str]:
        """Paths of all render products that a writer is attached to."""
        paths = [product.path for writer in current().writers for product in writer.render_products]
        return list(dict.fromkeys(paths))

    @classmethod
    def get_annotators(cls, render_products: Any = None) -> list[Annotator]:
        """The annotators of all attached writers, or of those attached to these render products."""
        writers = current().writers if render_products is None else cls.get_attached_writers(render_products)
        return [annotator for writer in writers for annotator in writer.get_annotators()]

    @classmethod
    async def initialize_annotators(cls) -> None:
        """Nothing to do here: annotators need no start-up."""

    @classmethod
    def detach_all(cls) -> None:
        """Detach every writer."""
        for writer in list(current().writers):
            writer.detach()


def get(
    name: str, init_params: dict[str, Any] | None = None, render_products: Any = None, trigger: Any = EVERY_FRAME
) -> Writer:
    """A new writer by name; as ``WriterRegistry.get``."""
    return WriterRegistry.get(name, init_params, render_products, trigger)


def register_writer(writer: type[Writer], category: str | None = None) -> None:
    """Make a writer's class known under its name."""
    WriterRegistry.register(writer, category)


def unregister_writer(writer_name: str) -> None:
    """Forget a writer."""
    WriterRegistry.unregister(writer_name)


def register_node_writer(
    name: str, node_type_id: str, annotators: Sequence[Any], category: str | None = None, **kwargs: Any
) -> None:
    """Not available here: writers that are OmniGraph nodes exist in Kit only."""
    WriterRegistry.register_node_writer(name, node_type_id, annotators, category, **kwargs)
