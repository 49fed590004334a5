"""What is wrong with an expression, and where."""

from __future__ import annotations


class ExpressionError(ValueError):
    """A text that is no expression, or one that does not fit what it uses.

    message, hint: what is wrong and what to do. at: the character, from 0. unknown, known: the name that there is not,
    and those that there are, for a "did you mean".
    """

    def __init__(
        self, message: str, at: int = 0, hint: str = "", unknown: str | None = None, known: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.unknown = unknown
        self.known = known
