"""``rep.annotators`` and ``rep.AnnotatorRegistry``: annotators as objects that are attached to render products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from replicator_dr.engines.embedded.annotate import annotators as kinds
from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.engines.embedded.annotate.augmentation import AppliedAugmentation, augmented, is_kernel
from replicator_dr.engines.embedded.api.errors import AnnotatorError, AnnotatorRegistryError, AugmentationError
from replicator_dr.engines.embedded.loop.capture import CapturedBatch
from replicator_dr.engines.embedded.products import RenderProduct
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import UnsupportedError

__all__ = [
    "Annotator",
    "AnnotatorRegistry",
    "Augmentation",
    "augment",
    "augment_compose",
    "get",
    "get_augmentation",
    "get_registered_annotators",
    "register",
    "register_augmentation",
    "unregister_augmentation",
]


class Augmentation:
    """A change to an annotator's data: a Python function of a NumPy array, or a Warp kernel."""

    def __init__(
        self,
        function: Any,
        data_out_shape: Sequence[int] | None = None,
        documentation: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.function = function
        self.data_out_shape = data_out_shape
        self.documentation = documentation
        self.arguments = kwargs

    @classmethod
    def from_function(
        cls,
        augmentation: Any,
        data_out_shape: Sequence[int] | None = None,
        documentation: str | None = None,
        **kwargs: Any,
    ) -> Augmentation:
        """From ``f(data_in, ...)``, or a kernel ``(data_in, data_out, ...)``; kwargs are its further arguments."""
        if not (callable(augmentation) or is_kernel(augmentation)):
            raise AugmentationError(f"{augmentation!r} is neither a function nor a Warp kernel")
        return cls(augmentation, data_out_shape, documentation, **kwargs)

    @classmethod
    def from_node(
        cls,
        node_type_id: str,
        attributes_mapping: dict[str, str] | None = None,
        data_out_shape: Sequence[int] | None = None,
        documentation: str | None = None,
        **kwargs: Any,
    ) -> Augmentation:
        """Not available here: OmniGraph nodes exist in Kit only."""
        raise UnsupportedError(
            f"Augmentation.from_node: the OmniGraph node {node_type_id!r} cannot run on the embedded runtime; "
            "use Augmentation.from_function with a Python function or a Warp kernel"
        )

    def apply(self, annotator: Annotator, name: str | None = None, **kwargs: Any) -> Annotator:
        """Append the change to an annotator; kwargs override its arguments."""
        return annotator.augment(self, name=name, **kwargs)


class Annotator:
    """One annotator, to be attached to a render product or handed to a writer."""

    def __init__(
        self,
        name: str | None,
        init_params: dict[str, Any] | None = None,
        render_product_idxs: Sequence[int] | None = None,
        device: str | None = None,
        render_products: Any = None,
        template_name: str | None = None,
        do_array_copy: bool = True,
        public_name: str | None = None,
    ) -> None:
        self.template_name = template_name or str(name)
        self.init_params = dict(init_params or {})
        kinds.check_params(self.template_name, self.init_params)
        self._name = public_name or str(name)
        self._device = device
        self._copy = do_array_copy
        self._steps: list[AppliedAugmentation] = []
        self._product: RenderProduct | None = None
        self.is_attached = False
        if render_products is not None:
            self.attach(render_products)

    @property
    def name(self) -> str:
        """The name under which writers and payloads know it."""
        return self._name

    @property
    def key(self) -> tuple[object, ...]:
        """What its result depends on, within a batch: annotators with equal keys give equal results."""
        own = (id(self),) if self._steps else ()
        return (self.template_name, *sorted((name, str(value)) for name, value in self.init_params.items()), *own)

    @property
    def documentation(self) -> str:
        """What it gives."""
        return kinds.kind(self.template_name).compute.__doc__ or ""

    docs = documentation

    def initialize(self, **kwargs: Any) -> None:
        """Set ``init_params``, before ``attach``."""
        if self._product is not None:
            raise AnnotatorError(f"annotator {self.name!r} is attached; initialize it before attach()")
        kinds.check_params(self.template_name, kwargs)
        self.init_params.update(kwargs)

    def attach(self, render_products: Any, render_product_idxs: Sequence[int] | None = None) -> Annotator:
        """Compute it for this render product (a product or its path) from the next captured frame on."""
        if isinstance(render_products, list | tuple):
            if len(render_products) > 1:
                raise NotImplementedError("an annotator is attached to one render product; get one for each")
            render_products = render_products[0]
        pool = current().products
        self._product = pool.find(render_products) if isinstance(render_products, str) else render_products
        self.is_attached = True
        if self not in pool.annotators:
            pool.annotators.append(self)
        return self

    def detach(self, render_products: Any = None) -> None:
        """Stop computing it."""
        pool = current().products
        pool.annotators = [other for other in pool.annotators if other is not self]
        self._product = None
        self.is_attached = False

    @property
    def product(self) -> RenderProduct | None:
        """The render product it is attached to."""
        return self._product

    def compute(self, batch: CapturedBatch, product: str) -> BatchedAnnotation:
        """Its result for all frames of a batch, augmentations included."""
        source = batch.annotator(self.template_name, product, **self.init_params)
        if not self._steps:
            return source
        return augmented(source, self._steps, batch.state.frames, batch.seed)

    def get_data(
        self, device: str | None = None, do_array_copy: bool = False, use_legacy_structure: bool = True
    ) -> Any:
        """The last captured frame's data: an array, {"data", "info"}, or a dict; an empty array before the first.

        device: None or "cpu" gives NumPy arrays; "cuda" and "cuda:<n>" Warp arrays on that device.
        """
        if self._product is None:
            raise AnnotatorError(f"annotator {self.name!r} is not attached to a render product; attach it first")
        captured = current().products.captured
        if captured is None or self._product.name not in captured.batch.views:
            return np.zeros(0)
        annotation = self.compute(captured.batch, self._product.name)
        value = annotation.legacy(captured.index) if use_legacy_structure else annotation.flat(captured.index)
        device = device or self._device
        if isinstance(value, np.ndarray):
            return _placed(value, device, do_array_copy)
        if "data" in value:
            return {**value, "data": _placed(value["data"], device, do_array_copy)}
        return value

    def augment(
        self,
        augmentation: Any,
        data_out_shape: Sequence[int] | None = None,
        name: str | None = None,
        device: str | None = None,
        **kwargs: Any,
    ) -> Annotator:
        """Change the data by a function, a Warp kernel, an Augmentation, or the name of a registered one."""
        if isinstance(augmentation, str):
            augmentation = AnnotatorRegistry.get_augmentation(augmentation)
        if not isinstance(augmentation, Augmentation):
            augmentation = Augmentation.from_function(augmentation)
        self._steps.append(
            AppliedAugmentation(
                augmentation.function,
                {**augmentation.arguments, **kwargs},
                data_out_shape if data_out_shape is not None else augmentation.data_out_shape,
                name or "",
            )
        )
        if name is not None:
            self._name = name
        return self

    def augment_compose(self, augmentations: Sequence[Any], name: str | None = None) -> Annotator:
        """Several changes, one after the other."""
        for augmentation in augmentations:
            self.augment(augmentation)
        if name is not None:
            self._name = name
        return self

    def get_name(self) -> str:
        """The name under which writers and payloads know it."""
        return self._name

    def get_node(self) -> None:
        """Not available here: annotators are no OmniGraph nodes."""
        raise UnsupportedError("Annotator.get_node: the embedded runtime has no OmniGraph nodes; use get_data()")


def _placed(data: Any, device: str | None, copy: bool) -> Any:
    if device is None or device == "cpu":
        return data.copy() if copy else data
    import warp as wp

    try:
        return wp.array(np.ascontiguousarray(data), device=device)
    except (RuntimeError, ValueError) as error:
        raise UnsupportedError(f"annotator data cannot be given on {device!r}: {error}; use device='cpu'") from error


class AnnotatorRegistry:
    """The annotators and augmentations by name."""

    _augmentations: dict[str, Augmentation] = {}  # noqa: RUF012 - one registry per process, as in Replicator
    _annotators: dict[str, Annotator] = {}  # noqa: RUF012

    @classmethod
    def get_annotator(
        cls,
        name: str,
        init_params: dict[str, Any] | None = None,
        render_product_idxs: Sequence[int] | None = None,
        device: str | None = None,
        do_array_copy: bool = True,
    ) -> Annotator:
        """A new annotator. UnsupportedError, with the alternative, for those that this runtime lacks."""
        template = cls._annotators.get(name)
        made = Annotator(
            template.template_name if template else name,
            init_params if init_params is not None or template is None else template.init_params,
            render_product_idxs,
            device,
            do_array_copy=do_array_copy,
            public_name=name,
        )
        if template is not None:
            made._steps = list(template._steps)
        return made

    @classmethod
    def get_registered_annotators(cls) -> list[str]:
        """The names that ``get_annotator`` takes."""
        return sorted({*kinds.names(), *cls._annotators})

    @classmethod
    def register_annotator_from_node(
        cls,
        name: str,
        input_rendervars: Any,
        node_type_id: str,
        init_params: dict[str, Any] | None = None,
        render_product_idxs: Sequence[int] = (0,),
        output_rendervars: Any = None,
        output_data_type: Any = None,
        output_is_2d: bool = False,
        output_channels: int = 1,
        is_gpu_enabled: bool = True,
        hidden: bool = False,
        on_attach_callback: Any = None,
        documentation: str | None = None,
    ) -> None:
        """Not available here: OmniGraph nodes exist in Kit only."""
        raise UnsupportedError(
            f"AnnotatorRegistry.register_annotator_from_node: the node {node_type_id!r} cannot run on the embedded "
            "runtime; derive the annotator from another one with annotators.augment"
        )

    @classmethod
    def register_annotator_from_aov(
        cls,
        aov: str,
        output_data_type: Any = None,
        output_channels: int = 1,
        on_attach_callback: Any = None,
        name: str | None = None,
        is_gpu_enabled: bool = True,
        documentation: str | None = None,
    ) -> None:
        """Not available here: render variables exist in RTX only."""
        raise UnsupportedError(
            f"AnnotatorRegistry.register_annotator_from_aov: the render variable {aov!r} does not exist on the "
            f"embedded runtime; available annotators: {', '.join(kinds.names())}"
        )

    @classmethod
    def unregister_annotator(cls, name: str) -> None:
        """Forget a registered annotator."""
        if cls._annotators.pop(name, None) is None:
            raise AnnotatorRegistryError(f"no annotator {name!r} was registered; registered: {sorted(cls._annotators)}")

    @classmethod
    def detach(cls, annotator: Annotator, render_products: Any) -> None:
        """Stop computing an annotator."""
        annotator.detach(render_products)

    @classmethod
    def register_augmentation(cls, name: str, augmentation: Any) -> None:
        """Make an augmentation (or a function, or a Warp kernel) known by name."""
        if not isinstance(augmentation, Augmentation):
            augmentation = Augmentation.from_function(augmentation)
        cls._augmentations[name] = augmentation

    @classmethod
    def unregister_augmentation(cls, name: str) -> None:
        """Forget an augmentation."""
        cls.get_augmentation(name)
        del cls._augmentations[name]

    @classmethod
    def get_augmentation(cls, name: str) -> Augmentation:
        """A registered augmentation. AnnotatorRegistryError where there is none."""
        if name not in cls._augmentations:
            known = ", ".join(sorted(cls._augmentations)) or "none"
            raise AnnotatorRegistryError(f"there is no augmentation {name!r}; registered are: {known}")
        return cls._augmentations[name]


def get(
    name: str,
    init_params: dict[str, Any] | None = None,
    render_product_idxs: Sequence[int] | None = None,
    device: str | None = None,
    do_array_copy: bool = True,
) -> Annotator:
    """A new annotator by name."""
    return AnnotatorRegistry.get_annotator(name, init_params, render_product_idxs, device, do_array_copy)


def get_registered_annotators() -> list[str]:
    """The names that ``get`` takes."""
    return AnnotatorRegistry.get_registered_annotators()


def register(name: str, annotator: Annotator) -> None:
    """Make an annotator, with its parameters and augmentations, known by a name of its own."""
    AnnotatorRegistry._annotators[name] = annotator


def register_augmentation(name: str, augmentation: Augmentation) -> None:
    """Make an augmentation known by name."""
    AnnotatorRegistry.register_augmentation(name, augmentation)


def unregister_augmentation(name: str) -> None:
    """Forget an augmentation."""
    AnnotatorRegistry.unregister_augmentation(name)


def get_augmentation(name: str) -> Augmentation:
    """A registered augmentation."""
    return AnnotatorRegistry.get_augmentation(name)


def augment(
    source_annotator: Any,
    augmentation: Any,
    data_out_shape: Sequence[int] | None = None,
    name: str | None = None,
    device: str | None = None,
    **kwargs: Any,
) -> Annotator:
    """An annotator (or a new one of that name) with a change appended."""
    source = get(source_annotator) if isinstance(source_annotator, str) else source_annotator
    annotator: Annotator = source.augment(augmentation, data_out_shape, name, device, **kwargs)
    return annotator


def augment_compose(source_annotator: Any, augmentations: Sequence[Any], name: str | None = None) -> Annotator:
    """An annotator (or a new one of that name) with several changes appended."""
    source = get(source_annotator) if isinstance(source_annotator, str) else source_annotator
    annotator: Annotator = source.augment_compose(augmentations, name)
    return annotator
