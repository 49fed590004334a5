"""From pydantic's errors to faults with file, line and column."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from replicator_dr.errors import Fault
from replicator_dr.spec.document import Node, path_text
from replicator_dr.spec.model import below


def positioned(error: ValidationError, document: Node) -> Iterator[Fault]:
    """Each fault of a failed validation at the place in the document where it stands."""
    for details in below(error):
        kind = details["type"]
        assert not isinstance(kind, str)
        context = kind.context or {}
        location = details.get("loc", ())
        mark = document.locate(location, bool(context["on_key"]))
        yield mark.fault(path_text(location), context["message"], context["hint"])
