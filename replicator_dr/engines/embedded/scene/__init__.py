"""From a USD stage to the renderer's arrays: what stands still, and a table for each quantity that varies."""
