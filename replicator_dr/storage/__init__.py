"""Bytes on disk: PNG and NPY encoding, run-length masks, polygons, atomic files, the journal, JSON numbers."""
