"""Render products: which views share one, and how their pictures are taken apart again. The same on both runtimes."""
