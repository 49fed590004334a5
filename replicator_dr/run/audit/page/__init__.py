"""An audit as a page that opens offline: checks, findings, plots and sample images in one file."""

from __future__ import annotations

from replicator_dr.run.audit.page.render import page_of, require_jinja, write_page

__all__ = ["page_of", "require_jinja", "write_page"]
