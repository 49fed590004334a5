"""A coverage report as a page that opens offline."""

from __future__ import annotations

from replicator_dr.run.coverage.page.render import page_of, write_page

__all__ = ["page_of", "write_page"]
