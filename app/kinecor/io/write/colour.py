"""Colours as DICOM and archives want them: the sRGB profile, and CIELab of a colour of the screen."""

from functools import cache

import numpy as np

SRGB = "sRGB IEC61966-2.1"
_DATE, _ID = slice(24, 36), slice(84, 100)


@cache
def srgb_profile() -> bytes:
    """The ICC profile of sRGB as LittleCMS writes it, without the time at which it did."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[_DATE] = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # 2000-01-01
    data[_ID] = bytes(16)
    return bytes(data)


def cielab(colour: str) -> list[int]:
    """A colour "#rrggbb" as DICOM stores CIELab: three numbers of 16 bits (PS3.3 C.10.7.1.1)."""
    import cv2

    rgb = np.array([[[int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]]], np.float32)
    lightness, a, b = (float(one) for one in cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0])
    return [round(lightness * 65535 / 100), round((a + 128) * 65535 / 255), round((b + 128) * 65535 / 255)]
