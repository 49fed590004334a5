"""How each consumer's loader is called, and what it gives in the shape that all are compared in."""
