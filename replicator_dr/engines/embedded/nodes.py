"""The graph's nodes: what every ``rep`` call makes, in order of creation.

Three kinds matter: nodes that hold prims (``create``, ``group``, ``get``), distributions (``distributions.py``), and
*effects*, which write values of the scene when their trigger fires. Effects are evaluated over batches of frames by
``evaluation.py``; they see no frame numbers, only the index of their trigger's firing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from replicator_dr.engines.embedded.triggers import Trigger
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.draws.distributions import Distribution
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan


class Node:
    """One node. kind: the call that made it, such as "create.cube"; inputs: its arguments, changed by ``set_input``."""

    def __init__(self, kind: str, inputs: dict[str, Any] | None = None, name: str | None = None) -> None:
        self.kind = kind
        self.name = name
        self.inputs: dict[str, Any] = dict(inputs or {})
        self.trigger = Trigger()
        self.graph: NodeGraph | None = None

    def paths(self) -> list[str] | None:
        """The prims that the node gives out, None for nodes that give none."""
        return None

    def set_input(self, name: str, value: object) -> None:
        """Change one argument; takes effect at the next evaluation."""
        if name not in self.inputs:
            known = ", ".join(sorted(self.inputs)) or "none"
            raise EngineError(f"{self.kind}: there is no input '{name}'; its inputs are: {known}")
        self.inputs[name] = value
        self.on_input_changed(name)
        if self.graph is not None:
            self.graph.version += 1

    def on_input_changed(self, name: str) -> None:
        """Called after ``set_input``, for nodes that keep something derived from their inputs."""


class PrimNode(Node):
    """Holds prims. find: called for each use, so that a query may follow the stage."""

    def __init__(
        self, kind: str, find: Callable[[], list[str]], inputs: dict[str, Any] | None = None, name: str | None = None
    ) -> None:
        super().__init__(kind, inputs, name)
        self._find = find

    def paths(self) -> list[str]:
        """The prims now, in a stable order."""
        return self._find()


class TriggerNode(Node):
    """Makes the nodes created under it run whenever ``fires`` says."""

    def __init__(self, kind: str, fires: Trigger, inputs: dict[str, Any]) -> None:
        super().__init__(kind, inputs, fires.name)
        self.fires = fires


class Effect(Node):
    """A node that writes values of the scene. targets: gives the prims it acts on."""

    drawn: tuple[str, ...] = ()
    """Inputs that may be distributions, in the order in which their names are recorded."""
    drawn_once: tuple[str, ...] = ()
    """Those of them that are drawn once at a firing; each prim draws the others for itself."""

    def __init__(
        self,
        kind: str,
        targets: Callable[[], list[str]],
        inputs: dict[str, Any] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(kind, inputs, name)
        self.targets = targets

    def paths(self) -> list[str]:
        """An effect hands its prims on."""
        return self.targets()

    @property
    def reads_state(self) -> bool:
        """Whether the values depend on what other nodes wrote before (then firings are evaluated where they fell)."""
        return False

    def sources(self) -> Iterable[tuple[Distribution, int]]:
        """The distributions that feed the node, and how many samples of each it takes at a firing."""
        from replicator_dr.engines.embedded.draws.distributions import expand

        for name in self.drawn:
            for distribution in expand([self.inputs[name]]):
                yield distribution, 1 if name in self.drawn_once else len(self.targets())

    def prepare(self, plan: Plan) -> None:
        """Say which channels of which prims the node writes, and look up what it needs; once for each compiled plan."""
        raise NotImplementedError

    def evaluate(self, firing: Firing) -> None:
        """Write the values of R firings at once."""
        raise NotImplementedError


class NodeGraph:
    """All nodes of a runtime in order of creation. version: changes whenever the graph does."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.triggers: list[Trigger] = []
        self.version = 0
        self._seeded = 0

    def add(self, node: Node, trigger: Trigger | None = None) -> None:
        """Append a node that runs with ``trigger``, or once when there is none."""
        node.graph = self
        if trigger is not None:
            node.trigger = trigger
        self.nodes.append(node)
        self.version += 1

    def add_trigger(self, trigger: Trigger) -> None:
        """Note a trigger and make its name unique: on_frame, on_frame_01, ..."""
        taken = {other.name for other in self.triggers}
        stem, count = trigger.name, 0
        while trigger.name in taken:
            count += 1
            trigger.name = f"{stem}_{count:02d}"
        self.triggers.append(trigger)
        self.version += 1

    def next_seeded_id(self) -> int:
        """The number of the next node with a random stream, counted from 0 in order of creation."""
        self._seeded += 1
        return self._seeded - 1

    def effects(self) -> list[Effect]:
        """The nodes that write values, in order of creation."""
        return [node for node in self.nodes if isinstance(node, Effect)]

    def frame_limit(self) -> int | None:
        """Frames until every bounded trigger is inactive; None when no trigger has a bound."""
        limits = [limit for trigger in self.triggers if (limit := trigger.frame_limit()) is not None]
        return max(limits) if limits else None


def unique(paths: Sequence[str]) -> list[str]:
    """The paths without repetition, in their order."""
    return list(dict.fromkeys(paths))
