"""Named models that a spec may use: those of installed packages (entry points) and those registered in process."""

from __future__ import annotations

import re
import warnings
from importlib.metadata import EntryPoint, entry_points

from replicator_dr.errors import PluginError
from replicator_dr.spec.model import Model


class Registry:
    """Kinds of one sort (randomizers, writers): the name that a spec writes -> the model of its fields.

    group: the entry point group. A kind that was registered in process hides an installed one of the same name.
    An entry point is imported when its kind is first asked for, so a broken plugin harms only the specs that use it.
    """

    def __init__(self, what: str, group: str) -> None:
        self.what = what
        self.group = group
        self._registered: dict[str, type[Model]] = {}
        self._installed: dict[str, EntryPoint] | None = None

    def register(self, model: type[Model], kind: str | None = None) -> None:
        """Make ``model`` usable under ``kind`` (by default its class name in snake_case) in this process."""
        self._registered[kind or kind_of(model)] = self._checked(kind or kind_of(model), model)

    def unregister(self, kind: str) -> None:
        """Forget a kind that was registered in process."""
        self._registered.pop(kind, None)

    def kinds(self) -> tuple[str, ...]:
        """All known kinds, sorted; nothing is imported for this."""
        return tuple(sorted({*self._registered, *self._points()}))

    def get(self, kind: str) -> type[Model]:
        """The model of a kind. KeyError for an unknown one, PluginError for one that cannot be loaded."""
        if kind not in self._registered:
            point = self._points()[kind]
            try:
                model = point.load()
            except Exception as error:
                raise PluginError(
                    f"{self.what} {kind!r} cannot be loaded from {point.value!r}: {type(error).__name__}: {error}; "
                    f"repair or uninstall the package that provides it"
                ) from error
            self._registered[kind] = self._checked(kind, model)
        return self._registered[kind]

    def all(self) -> dict[str, type[Model]]:
        """Every kind with its model; one that cannot be loaded is left out, with a warning."""
        models: dict[str, type[Model]] = {}
        for kind in self.kinds():
            try:
                models[kind] = self.get(kind)
            except PluginError as error:
                warnings.warn(str(error), stacklevel=2)
        return models

    def _points(self) -> dict[str, EntryPoint]:
        if self._installed is None:
            self._installed = {point.name: point for point in entry_points(group=self.group)}
        return self._installed

    def _checked(self, kind: str, model: object) -> type[Model]:
        if not (isinstance(model, type) and issubclass(model, Model) and callable(getattr(model, "build", None))):
            raise PluginError(
                f"{self.what} {kind!r} is {model!r}, which is not a class with fields and a build method; "
                f"derive it from replicator_dr.plugins.{self.what.capitalize()}Plugin"
            )
        return model


def kind_of(model: type) -> str:
    """The name under which a spec uses a class: ``CocoDepth`` -> ``coco_depth``, ``Scatter2d`` -> ``scatter_2d``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", model.__name__)
    return words.lower()


RANDOMIZERS = Registry("randomizer", "replicator_dr.randomizers")
WRITERS = Registry("writer", "replicator_dr.writers")
