"""A Replicator writer that hands what it gets to Python, so that tiles are cut before a dataset's writer sees them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from replicator_dr.engines.isaacsim.requests import Requests, Update
from replicator_dr.engines.isaacsim.versions import REPLICATOR
from replicator_dr.errors import EngineError

NAME = "ReplicatorDrRelay"
MOST_UPDATES = 120
"""Updates of the app after a step within which its pictures must have come."""


class Relay:
    """Annotators on some render products. After a step, :meth:`received` has their data, copied."""

    def __init__(self, annotators: Sequence[Any], products: Sequence[Any]) -> None:
        core = importlib.import_module(REPLICATOR)
        self._data: Mapping[str, Any] | None = None
        if NAME not in core.WriterRegistry.get_writers():
            core.WriterRegistry.register(_writer_class(core))
        self._writer = core.WriterRegistry.get(NAME)
        self._writer.initialize(annotators=list(annotators), receive=self._receive)
        self._writer.attach(list(products))

    def _receive(self, data: Mapping[str, Any]) -> None:
        self._data = _copied(data)

    def clear(self) -> None:
        """Forget what came, before the next step."""
        self._data = None

    def received(self) -> Requests[Mapping[str, Any]]:
        """What the step gave. EngineError when nothing comes."""
        for _ in range(MOST_UPDATES):
            if self._data is not None:
                return self._data
            yield Update()
        raise EngineError(
            f"Isaac Sim gave no picture within {MOST_UPDATES} updates after a step; see the console for the renderer's "
            "error, and check that the GPU has memory left"
        )

    def detach(self) -> None:
        """Take the writer off its products."""
        self._writer.detach()


def _copied(value: Any) -> Any:
    """Plain containers with arrays of their own: Kit may reuse its buffers for the next frame."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return np.array(value) if isinstance(value, np.ndarray) else value


def _writer_class(core: Any) -> type[Any]:
    base: Any = core.Writer

    class ReplicatorDrRelay(base):
        """Gives each captured frame to a function."""

        version = "1.0.0"
        data_structure = "renderProduct"

        def __init__(self, annotators: list[Any], receive: Callable[[Mapping[str, Any]], None]) -> None:
            self.annotators = annotators
            self._receive = receive

        def write(self, data: Mapping[str, Any]) -> None:
            """Hand on."""
            self._receive(data)

    return ReplicatorDrRelay
