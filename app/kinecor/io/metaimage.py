"""A look at a MetaImage header before its pixels are read."""

from pathlib import Path

from kinecor.core.errors import KinecorError

_HEADER_BYTES = 1 << 16
_BYTES_A_VALUE = {"MET_CHAR": 1, "MET_UCHAR": 1, "MET_SHORT": 2, "MET_USHORT": 2}


def check_metaimage(path: Path) -> None:
    """Refuse a header whose pixels are elsewhere, absent, or fewer than it says.

    Raises:
        KinecorError: with what is missing.
        OSError: the file cannot be read.

    """
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES).decode("latin-1")
    fields: dict[str, str] = {}
    for line in head.splitlines():
        name, separator, value = line.partition("=")
        if not separator:
            break
        fields[name.strip()] = value.strip()
        if name.strip() == "ElementDataFile":
            break
    named = fields.get("ElementDataFile", "")
    if not named or "DimSize" not in fields:
        raise KinecorError("Expected a MetaImage header, this one is damaged or cut off; export the recording again")
    if named.upper() in {"LOCAL", "LIST"} or "%" in named:
        return
    data = path.parent / named
    if Path(named).name != named or not data.is_file():
        raise KinecorError(
            f"Expected the pixels of this MetaImage in '{Path(named).name}' beside it, they are not there; "
            "copy both files into one folder"
        )
    try:
        values = 1
        for one in fields["DimSize"].split():
            values *= int(one)
        values *= int(fields.get("ElementNumberOfChannels", "1"))
    except ValueError:
        raise KinecorError("Expected whole numbers as DimSize of a MetaImage, got others; export it again") from None
    expected = values * _BYTES_A_VALUE.get(fields.get("ElementType", ""), 4)
    if fields.get("CompressedData", "False").lower() != "true" and data.stat().st_size < expected:
        raise KinecorError(
            f"Expected {expected} bytes of pixels in '{named}', it holds {data.stat().st_size}; copy or export it again"
        )
