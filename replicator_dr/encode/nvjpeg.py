"""JPEG files of images that lie on a CUDA device, by NVIDIA's nvJPEG where the user has installed it.

The library comes with the CUDA toolkit and with the package ``nvidia-nvjpeg-cu12``, under NVIDIA's licence: it is used
where it is found and never asked for. Calls after nvjpeg.h of CUDA 12.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import warp as wp

from replicator_dr.errors import UnsupportedError

_RGBI = 5
_CSS_444 = 0
_AT_A_TIME = 16
"""Images that are encoded before the first is fetched: each has a state of its own on the device."""


class _Image(ctypes.Structure):
    _fields_ = (("channel", ctypes.c_void_p * 4), ("pitch", ctypes.c_size_t * 4))


@wp.kernel(enable_backward=False)
def pack_rgb(rgba: wp.array(dtype=wp.uint8, ndim=4), rgb: wp.array(dtype=wp.uint8, ndim=4)):
    """Colours without alpha."""
    image, y, x = wp.tid()
    for channel in range(3):
        rgb[image, y, x, channel] = rgba[image, y, x, channel]


class Encoder:
    """Encodes batches of images of one device; on any thread."""

    def __init__(self, device: wp.Device) -> None:
        self._library = find_nvjpeg()
        self._device = device
        self._own = threading.local()
        self._handle = ctypes.c_void_p()
        with wp.ScopedDevice(device):
            self._call("CreateSimple", ctypes.byref(self._handle))

    def encode(self, rgba: wp.array, quality: int) -> list[bytes]:
        """Files of (B, H, W, 4) uint8 images on the device, their chroma at full resolution (4:4:4)."""
        batch, height, width, _ = rgba.shape
        with wp.ScopedDevice(self._device):
            rgb = wp.empty((batch, height, width, 3), dtype=wp.uint8)
            wp.launch(pack_rgb, (batch, height, width), [rgba, rgb])
            stream = ctypes.c_void_p(wp.get_stream().cuda_stream)
            states, parameters = self._states(stream)
            self._call("EncoderParamsSetQuality", parameters, quality, stream)
            files: list[bytes] = []
            for first in range(0, batch, _AT_A_TIME):
                numbers = range(first, min(first + _AT_A_TIME, batch))
                for state, number in zip(states, numbers):
                    image = _Image()
                    image.channel[0] = rgb.ptr + number * height * width * 3
                    image.pitch[0] = width * 3
                    self._call(
                        "EncodeImage", self._handle, state, parameters, ctypes.byref(image), _RGBI, width, height,
                        stream,
                    )  # fmt: skip
                files += [self._fetched(state, stream) for state, _ in zip(states, numbers)]
        return files

    def _fetched(self, state: ctypes.c_void_p, stream: ctypes.c_void_p) -> bytes:
        length = ctypes.c_size_t()
        self._call("EncodeRetrieveBitstream", self._handle, state, None, ctypes.byref(length), stream)
        wp.synchronize_stream()
        content = ctypes.create_string_buffer(length.value)
        self._call("EncodeRetrieveBitstream", self._handle, state, content, ctypes.byref(length), stream)
        wp.synchronize_stream()
        return content.raw[: length.value]

    def _states(self, stream: ctypes.c_void_p) -> tuple[list[ctypes.c_void_p], ctypes.c_void_p]:
        """States and parameters of the calling thread; they live as long as the process."""
        if not hasattr(self._own, "states"):
            made = [ctypes.c_void_p() for _ in range(_AT_A_TIME)]
            for state in made:
                self._call("EncoderStateCreate", self._handle, ctypes.byref(state), stream)
            parameters = ctypes.c_void_p()
            self._call("EncoderParamsCreate", self._handle, ctypes.byref(parameters), stream)
            self._call("EncoderParamsSetSamplingFactors", parameters, _CSS_444, stream)
            self._own.states, self._own.parameters = made, parameters
        return self._own.states, self._own.parameters

    def _call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._library, f"nvjpeg{name}")(*arguments)
        if status:
            raise UnsupportedError(f"nvJPEG's nvjpeg{name} failed with status {status}; use jpeg_encoder: cpu")


def encoder(device: wp.Device) -> Encoder:
    """The encoder of a device. UnsupportedError where it is no CUDA device, or the library is missing."""
    if device.is_cpu:
        raise UnsupportedError("jpeg_encoder: nvjpeg needs a CUDA device, and this run renders on the CPU; use cpu")
    return _made(str(device.alias))


@cache
def _made(alias: str) -> Encoder:
    return Encoder(wp.get_device(alias))


@cache
def find_nvjpeg() -> ctypes.CDLL:
    """The loaded library. UnsupportedError where it is not installed."""
    for name in _places():
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise UnsupportedError(
        "jpeg_encoder: nvjpeg needs NVIDIA's nvJPEG, which is not installed: it comes with the CUDA toolkit and the "
        "package nvidia-nvjpeg-cu12, under NVIDIA's licence; install one of them, or use jpeg_encoder: cpu"
    )


def _places() -> Iterator[str]:
    """The package's library, then the system's."""
    found = find_spec("nvidia")
    for folder in (found.submodule_search_locations or ()) if found else ():
        yield from map(str, sorted(Path(folder).glob("nvjpeg/lib/libnvjpeg.so*")))
    yield from filter(None, (ctypes.util.find_library("nvjpeg"), "libnvjpeg.so.12", "libnvjpeg.so"))
