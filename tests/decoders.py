"""Decoders that crash, hang or fail, for processes that import them by name."""

import os
import signal
import time

import numpy as np


def dying(data, *_):
    """Ends its process as a flaw in native code would."""
    os.kill(os.getpid(), signal.SIGSEGV)


def dying_of_marked(data, codec, spaces):
    """Crashes on streams that hold the bytes of a mark, and decodes the others."""
    if b"KILL" in bytes(data):
        dying(data)
    from kinecor.io.files.codecs import _decoded

    return _decoded(data, codec, spaces)


def hanging(data, *_):
    time.sleep(60)


def failing(data, *_):
    raise ValueError("no such stream")


def missing(data, *_):
    raise ImportError("no codec")


def loaded(data, *_):
    """Which large libraries the process holds."""
    import sys

    return sorted({"torch", "PySide6", "openvino", "pydicom", "cv2"} & set(sys.modules))


def process(data, *_):
    return os.getpid()


def samples(data, shape, dtype):
    """An array of a size and type."""
    return np.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)


def dying_of_dark(data, codec, spaces):
    """Crashes on black images."""
    from kinecor.io.files.codecs import _decoded

    image = _decoded(data, codec, spaces)
    if image.max() < 10:
        dying(data)
    return image
