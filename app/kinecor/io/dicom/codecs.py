"""Which picture codecs this installation has."""


def codecs() -> tuple[tuple[str, bool], ...]:
    """(name, whether it is there) for each codec that DICOM transfer syntaxes need beyond plain pixels."""
    try:
        import imagecodecs
    except ImportError:
        return tuple((name, False) for name in _NAMES)
    return tuple((name, bool(getattr(imagecodecs, part).available)) for name, part in _NAMES.items())


_NAMES = {"JPEG baseline": "JPEG8", "JPEG lossless": "LJPEG", "JPEG-LS": "JPEGLS", "JPEG 2000": "JPEG2K"}
