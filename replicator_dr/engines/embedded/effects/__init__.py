"""Effects: nodes that write values of the scene when their trigger fires."""
