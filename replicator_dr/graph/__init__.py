"""From a spec to a running graph."""
from __future__ import annotations
