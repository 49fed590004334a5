"""What Kit documents of its configuration files, and the names that every supported release has.

Keys: the chapters "Configuration" and "Extensions in detail" of NVIDIA's Kit manual. Settings and extensions: the app
files isaacsim.exp.base and isaacsim.exp.base.zero_delay, and extensions' own configuration, in Isaac Sim's repository.
"""

from __future__ import annotations

PACKAGE = {
    "title", "description", "version", "category", "keywords", "readme", "changelog", "authors", "repository", "icon",
    "preview_image", "feature", "toggleable", "exchange", "trusted", "app", "exclude", "target", "writeTarget",
}  # fmt: skip
DEPENDENCY = {"version", "tag", "optional", "exact", "uri", "order", "lock"}
TABLES = {
    "package", "dependencies", "settings", "python", "native", "core", "test", "documentation", "env", "template",
    "fswatcher", "deprecation",
}  # fmt: skip
PYTHON_MODULE = {"name", "path", "public", "searchExtDir", "defaultStubModuleName"}

EXTENSIONS = {
    "isaacsim.exp.base", "isaacsim.exp.base.zero_delay", "omni.kit.loop-isaac", "omni.replicator.core", "omni.ui",
    "omni.usd",
}  # fmt: skip
"""In Isaac Sim 4.5, 5.0, 5.1 and 6.0."""

SETTINGS = {
    "app.asyncRendering", "app.asyncRenderingLowLatency", "app.exts.folders", "app.player.useFixedTimeStepping",
    "app.window.hideUi", "app.window.title", "exts.isaacsim.core.throttling.enable_async",
    "omni.replicator.asyncRendering", "omni.replicator.captureOnPlay", "rtx.post.dlss.execMode",
}  # fmt: skip
"""Settings of others that our files give."""
