"""Errors under the names that Replicator's clients catch."""

from __future__ import annotations

from replicator_dr.errors import EngineError, UnsupportedError

__all__ = [
    "AnnotatorError",
    "AnnotatorRegistryError",
    "AugmentationError",
    "InvalidWriterError",
    "OrchestratorError",
    "WriterError",
    "WriterRegistryError",
]


class OrchestratorError(EngineError):
    """The orchestrator cannot do this in its present status."""


class AnnotatorError(EngineError):
    """An annotator was used in a way that makes no sense."""


class AnnotatorRegistryError(UnsupportedError):
    """There is no such annotator or augmentation."""


class AugmentationError(EngineError):
    """An augmentation cannot be applied."""


class WriterError(EngineError):
    """A writer was used in a way that makes no sense."""


class WriterRegistryError(EngineError):
    """There is no such writer."""


class InvalidWriterError(WriterRegistryError):
    """What is to be registered is not a writer."""
