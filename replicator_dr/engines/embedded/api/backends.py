"""``rep.backends`` and ``rep.BackendDispatch``: where writers put their files, on threads of their own."""

from __future__ import annotations

import functools
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from replicator_dr.engines.embedded.loop.write_queue import QUEUE
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.storage.atomic import make_folder, write_file

__all__ = [
    "BackendDispatch",
    "BackendGroup",
    "BackendRegistry",
    "BaseBackend",
    "DiskBackend",
    "S3Backend",
    "Sequential",
    "get",
]

ROOT_SETTING = "/omni/replicator/backends/disk/root_dir"


class Sequential:
    """Functions that run one after the other on the writing thread: ``schedule(fn, data=Sequential(f, g)(data))``."""

    def __init__(self, *functions: Callable[[Any], Any]) -> None:
        self.functions = functions

    def __call__(self, data: Any) -> Deferred:
        """A value that is worked out when the job runs."""
        return Deferred(self.functions, data)


class Deferred:
    """A value that Sequential has not worked out yet."""

    def __init__(self, functions: tuple[Callable[[Any], Any], ...], data: Any) -> None:
        self._functions = functions
        self._data = data

    def value(self) -> Any:
        """The functions applied in their order."""
        return functools.reduce(lambda value, function: function(value), self._functions, self._data)


class BaseBackend(ABC):
    """Where blobs go. Made by ``backends.get``, its ``__init__`` runs with ``initialize``."""

    def initialize(self, **kwargs: Any) -> None:
        """Run ``__init__`` with these arguments."""
        self.__init__(**kwargs)  # type: ignore[misc]

    @classmethod
    def get_name(cls) -> str:
        """The name under which the backend is registered."""
        return cls.__name__

    def schedule(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Queue ``fn(*args, backend_instance=self, **kwargs)`` on the writing threads; waits while the queue is full.

        Arrays are not copied: do not change them afterwards. OutputError when an earlier job failed.
        """

        def job() -> None:
            ready = {key: value.value() if isinstance(value, Deferred) else value for key, value in kwargs.items()}
            fn(*(value.value() if isinstance(value, Deferred) else value for value in args), **ready)

        kwargs.setdefault("backend_instance", self)
        QUEUE.put(job)

    @abstractmethod
    def write_blob(self, path: str, data: bytes) -> None:
        """Write bytes at once, under a path relative to the backend's root."""

    @abstractmethod
    def read_blob(self, path: str) -> bytes:
        """Read bytes back."""

    @abstractmethod
    def resolve_path(self, path: str) -> str:
        """The full path of a relative one."""


class DiskBackend(BaseBackend):
    """Files in a folder. A relative ``output_dir`` lies below the root_dir setting, else ~/omni.replicator_out."""

    def __init__(self, output_dir: str, overwrite: bool = True) -> None:
        root = current().settings.get(ROOT_SETTING)
        base = Path(str(root)) if root else Path.home() / "omni.replicator_out"
        folder = base / Path(output_dir).expanduser()
        if not overwrite:
            folder = _unused(folder)
        make_folder(folder)
        self.output_dir = str(folder)

    def write_blob(self, path: str, data: bytes) -> None:
        """Write a file atomically, making its folder. OutputError when the disk does not take it."""
        target = self.resolve_path(path)
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            make_folder(Path(folder))
        write_file(target, bytes(data))

    def read_blob(self, path: str) -> bytes:
        """A file's bytes; FileNotFoundError."""
        return Path(self.resolve_path(path)).read_bytes()

    def resolve_path(self, path: str) -> str:
        """The file's path on disk."""
        return os.path.join(self.output_dir, path)


def _unused(folder: Path) -> Path:
    count, candidate = 0, folder
    while candidate.exists():
        count += 1
        candidate = folder.with_name(f"{folder.name}_{count:04d}")
    return candidate


class S3Backend(BaseBackend):
    """Not available on the embedded runtime."""

    def __init__(
        self,
        key_prefix: str,
        bucket: str,
        region: str | None = None,
        endpoint_url: str | None = None,
        overwrite: bool = True,
    ) -> None:
        raise UnsupportedError(
            "backends.S3Backend is not available on the embedded runtime; write with DiskBackend and upload the folder"
        )

    def write_blob(self, path: str, data: bytes) -> None:
        """Never reached."""

    def read_blob(self, path: str) -> bytes:
        """Never reached."""
        return b""

    def resolve_path(self, path: str) -> str:
        """Never reached."""
        return path


class BackendGroup(BaseBackend):
    """Several backends that all get the same jobs."""

    def __init__(self, backends: list[BaseBackend]) -> None:
        self._backends = list(backends)

    def schedule(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Queue the job on every backend."""
        for backend in self._backends:
            backend.schedule(fn, *args, **kwargs)

    def write_blob(self, path: str, data: bytes) -> None:
        """Write to every backend."""
        for backend in self._backends:
            backend.write_blob(path, data)

    def read_blob(self, path: str) -> bytes:
        """Read from the first backend."""
        return self._backends[0].read_blob(path)

    def resolve_path(self, path: str) -> str:
        """The path in the first backend."""
        return self._backends[0].resolve_path(path)


class BackendRegistry:
    """The kinds of backends by name."""

    _backends: dict[str, type[BaseBackend]] = {"DiskBackend": DiskBackend, "S3Backend": S3Backend}  # noqa: RUF012

    @classmethod
    def get_registered_backends(cls) -> list[str]:
        """Their names."""
        return sorted(cls._backends)

    @classmethod
    def register(cls, backend: type[BaseBackend]) -> None:
        """Make a backend known under its class name."""
        cls._backends[backend.__name__] = backend


def get(name: str, init_params: dict[str, Any] | None = None) -> BaseBackend:
    """A backend; without ``init_params`` it must be initialized before use. EngineError for an unknown name."""
    registry = BackendRegistry._backends
    if name not in registry:
        raise EngineError(f"there is no backend {name!r}; registered are: {', '.join(sorted(registry))}")
    backend = registry[name].__new__(registry[name])
    if init_params is not None:
        backend.initialize(**init_params)
    return backend


class BackendDispatch(DiskBackend):
    """The older form: ``BackendDispatch(output_dir=...)`` or ``BackendDispatch({"paths": {"out_dir": ...}})``."""

    def __init__(self, config: dict[str, Any] | None = None, **kwargs: Any) -> None:
        for key in ("key_prefix", "bucket", "region", "endpoint_url"):
            if kwargs.pop(key, None) is not None:
                raise UnsupportedError(
                    f"BackendDispatch: {key} is not supported on the embedded runtime; give output_dir"
                )
        if config is not None:
            kwargs.setdefault("output_dir", config.get("paths", {}).get("out_dir"))
        if not kwargs.get("output_dir"):
            raise EngineError("BackendDispatch has no folder to write to; give output_dir='...'")
        super().__init__(**kwargs)

    def write_image(self, path: str, data: Any) -> None:
        """Queue an image: png, jpg or jpeg, by its suffix."""
        from replicator_dr.engines.embedded.api.functional import write_image

        self.schedule(write_image, path=path, data=data)

    def write_array(self, path: str, data: Any) -> None:
        """Queue an array as .npy."""
        from replicator_dr.engines.embedded.api.functional import write_np

        self.schedule(write_np, path=path, data=data)

    def write_exr(self, path: str, data: Any, exr_flag: Any = None) -> None:
        """Not available here: write_array keeps float images as they are."""
        raise UnsupportedError("BackendDispatch.write_exr is not available on the embedded runtime; use write_array")

    def set_max_queue_size(self, value: int) -> None:
        """How many jobs may wait before ``schedule`` waits too."""
        QUEUE.resize(value)

    def sync_pending_paths(self) -> None:
        """Wait until everything is written."""
        QUEUE.wait()

    @staticmethod
    def is_done_writing() -> bool:
        """Whether nothing is queued or being written."""
        return QUEUE.idle()

    @staticmethod
    def wait_until_done() -> None:
        """Wait until everything is written. OutputError when a job failed."""
        QUEUE.wait()
