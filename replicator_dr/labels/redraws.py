"""Names under which a frame's draws say how it came to meet requirements."""

from __future__ import annotations

ATTEMPT = "require.attempt"
"""How often a frame was drawn before, a whole number. Names of distributions have another form."""
FAILED = "require.failed"
"""How many of these draws each requirement turned down, a whole number for each."""
