"""``omni.ui``, as far as a small panel goes: widgets that remember what they were given and can be pressed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.isaacsim.standin.calls import Calls

# The arguments of each widget that this project may give, from omni.ui's reference.
_COMMON = {"width", "height", "style", "tooltip", "visible", "enabled", "name"}
_WIDGETS = {
    "VStack": {"spacing"},
    "HStack": {"spacing"},
    "Label": {"word_wrap", "alignment"},
    "Button": {"clicked_fn"},
    "StringField": {"model"},
    "IntField": {"model"},
    "ProgressBar": {"model"},
}


class Model:
    """SimpleStringModel, SimpleIntModel, SimpleFloatModel."""

    def __init__(self, value: Any = 0) -> None:
        self.value = value

    def set_value(self, value: Any) -> None:
        self.value = value

    def get_value_as_string(self) -> str:
        return str(self.value)

    def get_value_as_int(self) -> int:
        return int(self.value)

    def get_value_as_float(self) -> float:
        return float(self.value)


class Widget:
    """One widget; containers are entered with ``with``."""

    def __init__(self, calls: Calls, kind: str, text: str, options: dict[str, Any]) -> None:
        if unknown := set(options) - _WIDGETS[kind] - _COMMON:
            raise calls.object_to(f"omni.ui.{kind} takes no {', '.join(sorted(unknown))}")
        self.kind, self.text = kind, text
        self.enabled = options.get("enabled", True)
        self.options = options

    def click(self) -> None:
        """As a user does."""
        if self.enabled:
            self.options["clicked_fn"]()

    def __enter__(self) -> Widget:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Window:
    """A window; frame is entered to fill it."""

    def __init__(self, title: str, width: int = 0, height: int = 0, visible: bool = True) -> None:
        self.title = title
        self.frame = self
        self.destroyed = False

    def destroy(self) -> None:
        self.destroyed = True

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def make_ui(calls: Calls) -> ModuleType:
    """The module; ``made`` lists the widgets in order."""
    module: Any = ModuleType("omni.ui")
    module.made = []

    def widget(kind: str) -> Any:
        def make(text: str = "", **options: Any) -> Widget:
            made = Widget(calls, kind, text, options)
            module.made.append(made)
            return made

        return make

    for kind in _WIDGETS:
        setattr(module, kind, widget(kind))
    module.Window = Window
    module.SimpleStringModel = module.SimpleIntModel = module.SimpleFloatModel = Model
    return module  # type: ignore[no-any-return]
