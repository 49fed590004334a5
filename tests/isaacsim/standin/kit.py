"""The parts of Kit that this project touches: the app, the stage, settings, the timeline."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.runtime import current, reset
from tests.isaacsim.standin.calls import Calls
from tests.isaacsim.standin.ui import make_ui

_OF_LATER_RELEASES = ("stage_event_name",)
"""Names that may be asked for to find out which release this is."""


class Strict:
    """An object of Kit; what it is not known to have is a fault."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _OF_LATER_RELEASES:
            raise AttributeError(name)
        raise self._calls.object_to(f"{type(self).__name__} has no {name}")


class ExtensionManager(Strict):
    """Which extensions are on."""

    def get_enabled_extension_id(self, name: str) -> str | None:
        core = ".".join(map(str, self._calls.release))
        return f"{name}-{core}+107.3.3.lx64.r.cp311" if name == "omni.replicator.core" else None


class App(Strict):
    """``omni.kit.app.get_app()``. updates: how often it was updated. quit_code: what it was asked to end with."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
        self.updates = 0
        self.quit_code: int | None = None
        self._extensions = ExtensionManager(calls)

    def get_extension_manager(self) -> ExtensionManager:
        return self._extensions

    def is_running(self) -> bool:
        return self._calls.open

    def update(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._update()
            return
        raise self._calls.object_to("app.update() inside Kit's event loop; await app.next_update_async()")

    def _update(self) -> None:
        if not self._calls.open:
            raise self._calls.object_to("the app was updated after it was closed")
        self.updates += 1

    async def next_update_async(self) -> float:
        await asyncio.sleep(0)
        self._update()
        return 1 / 60

    def post_quit(self, return_code: int = 0) -> None:
        self.quit_code = return_code


class StageEventType(IntEnum):
    """What happens to stages."""

    OPENED = 2
    CLOSED = 6


@dataclass
class Event:
    """What listeners are told."""

    type: int


@dataclass
class Subscription:
    """Lives as long as somebody keeps it."""

    react: Callable[[Any], None]


class IExt:
    """What extensions derive from."""


class UsdContext(Strict):
    """``omni.usd.get_context()``: its stage is the embedded runtime's. loading: updates until assets are there."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
        self.loading = 2
        self.listeners: list[weakref.ref[Subscription]] = []
        if calls.release >= (1, 12):
            # Named events came with Kit 107.
            self.stage_event_name = lambda event: f"omni.usd:{event.name}"

    def get_stage_event_stream(self) -> UsdContext:
        """The older way to hear of stages."""
        return self

    def create_subscription_to_pop(self, react: Callable[[Any], None], name: str = "") -> Subscription:
        return self.listen(react)

    def listen(self, react: Callable[[Any], None]) -> Subscription:
        """Whoever listens hears of new stages until what is returned is released."""
        subscription = Subscription(react)
        self.listeners.append(weakref.ref(subscription))
        return subscription

    def new_stage(self) -> bool:
        if left := [product.path for product in current().products.products]:
            raise self._calls.object_to(f"a new stage while render products exist: {', '.join(left)}")
        reset()
        for reference in self.listeners:
            if (listener := reference()) is not None:
                listener.react(Event(int(StageEventType.OPENED)))
        return True

    def get_stage(self) -> Any:
        return current().stage

    def get_stage_loading_status(self) -> tuple[str, int, int]:
        self.loading = max(self.loading - 1, 0)
        return ("", 3 - min(self.loading, 3), 3)


class Settings(Strict):
    """``carb.settings.get_settings()``."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
        self.values: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        return self.values.get(path)

    def set(self, path: str, value: Any) -> None:
        if not path.startswith("/"):
            raise self._calls.object_to(f"settings paths begin with '/': {path!r}")
        if value is not None and not isinstance(value, (bool, int, float, str, list, tuple, dict)):
            raise self._calls.object_to(f"{path} cannot hold a {type(value).__name__}")
        self.values[path] = value


class Dispatcher(Strict):
    """``carb.eventdispatcher``: events by name."""

    def __init__(self, calls: Calls, context: UsdContext) -> None:
        super().__init__(calls)
        self._context = context

    def observe_event(self, *, event_name: str, on_event: Callable[[Any], None], observer_name: str = "") -> Any:
        if event_name != "omni.usd:OPENED":
            raise self._calls.object_to(f"nothing sends {event_name!r}")
        return self._context.listen(on_event)


def make_kit(calls: Calls) -> tuple[dict[str, ModuleType], App, UsdContext, Settings]:
    """The modules, and the objects behind them."""
    app, context, settings = App(calls), UsdContext(calls), Settings(calls)
    members: dict[str, dict[str, Any]] = {
        "omni": {},
        "omni.kit": {},
        "omni.kit.app": {"get_app": lambda: app},
        "omni.usd": {"get_context": lambda name="": context, "StageEventType": StageEventType},
        "omni.ext": {"IExt": IExt},
        "omni.replicator": {},
        "carb": dict.fromkeys(("log_info", "log_warn", "log_error"), print),
        "carb.settings": {"get_settings": lambda: settings},
    }
    if calls.release >= (1, 12):
        members["carb.eventdispatcher"] = {"get_eventdispatcher": lambda: Dispatcher(calls, context)}
    modules: dict[str, ModuleType] = {}
    for name, attributes in members.items():
        module = ModuleType(name)
        module.__path__ = []
        vars(module).update(attributes)
        modules[name] = module
    modules["omni.ui"] = make_ui(calls)
    for name, module in modules.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, module)
    return modules, app, context, settings
