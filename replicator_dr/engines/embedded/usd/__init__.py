"""The USD stage itself: what the API authors on it, and how a frame's values get back there."""
