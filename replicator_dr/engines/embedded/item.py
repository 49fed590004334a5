"""ReplicatorItem: the handle that every graph function returns, and the contexts it opens with ``with``."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.embedded.nodes import Node, TriggerNode
from replicator_dr.engines.embedded.runtime import Runtime, current
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from pxr import Usd


class ReplicatorItem:
    """A node of the graph, and what it gives out.

    ``with item:`` makes the item's prims the default ``input_prims`` of the functions called inside; ``with trigger:``
    makes the nodes created inside run each time that the trigger fires. Nesting is free.
    """

    def __init__(self, node: Node, runtime: Runtime) -> None:
        self.node = node
        self._runtime = runtime

    @property
    def paths(self) -> list[str]:
        """Paths of the prims that the item holds; empty for items without prims."""
        return self.node.paths() or []

    @property
    def inputs(self) -> dict[str, Any]:
        """The node's arguments."""
        return dict(self.node.inputs)

    @property
    def outputs(self) -> dict[str, Any]:
        """What the node gives out: {"prims": [paths]} for nodes that hold prims."""
        paths = self.node.paths()
        return {} if paths is None else {"prims": paths}

    def get_inputs(self) -> dict[str, Any]:
        """The node's arguments by name."""
        return self.inputs

    def get_outputs(self) -> dict[str, Any]:
        """What the node gives out, by name."""
        return self.outputs

    def get_input(self, name: str) -> Any:
        """One argument."""
        if name not in self.node.inputs:
            raise EngineError(f"{self.node.kind}: there is no input '{name}'; it has {sorted(self.node.inputs)}")
        return self.node.inputs[name]

    def get_output(self, name: str) -> Any:
        """One output."""
        outputs = self.outputs
        if name not in outputs:
            raise EngineError(f"{self.node.kind}: there is no output '{name}'; it has {sorted(outputs)}")
        return outputs[name]

    def set_input(self, name: str, value: object) -> None:
        """Change an argument to a plain value (no ReplicatorItem); takes effect at the next evaluation."""
        if isinstance(value, ReplicatorItem):
            raise EngineError(f"{self.node.kind}.set_input('{name}'): takes plain values only, not a ReplicatorItem")
        self.node.set_input(name, value)

    def get_input_prims(self) -> dict[str, list[Usd.Prim]]:
        """The prims that the node acts on, {"prims": [...]}."""
        return self.get_output_prims()

    def get_output_prims(self) -> dict[str, list[Usd.Prim]]:
        """The prims that the node holds or hands on, {"prims": [...]}."""
        return {"prims": [self._runtime.stage.GetPrimAtPath(path) for path in self.paths]}

    def __enter__(self) -> ReplicatorItem:
        if isinstance(self.node, TriggerNode):
            self._runtime.executions.append(self.node.fires)
        else:
            self._runtime.contexts.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self.node, TriggerNode):
            self._runtime.executions.pop()
        else:
            self._runtime.contexts.pop()

    def __repr__(self) -> str:
        return f"omni.replicator.core.{self.node.kind}"


def make_item(node: Node) -> ReplicatorItem:
    """Put a node into the current runtime's graph, under the trigger that is open now."""
    runtime = current()
    trigger = runtime.executions[-1] if runtime.executions else None
    if trigger is None and runtime.next_frame > 0:
        node.trigger.born = runtime.next_frame
    runtime.graph.add(node, trigger)
    return ReplicatorItem(node, runtime)
