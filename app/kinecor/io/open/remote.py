"""Recordings at a URL (s3://, https://, sftp://, ...), fetched by fsspec, an extra, into a temporary folder."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.open.find import Refused
from kinecor.io.open.recordings import Opened, open_path


@dataclass(frozen=True)
class Fetched(Opened):
    """What a URL led to; the files are there for as long as this is."""

    folder: TemporaryFolder | None = None


def is_url(path: str) -> bool:
    """Whether `path` is a URL rather than a path of this machine."""
    scheme, separator, _ = path.partition("://")
    return bool(separator) and scheme.isalnum() and not Path(path).exists()


def open_url(url: str, **options: Any) -> Opened:
    """Open what a URL leads to: a file, a zip, or everything in a folder, fetched whole; as `open_path`.

    Credentials are those that fsspec finds (environment, configuration files); a URL with a password in it is refused,
    since it would be written into results.

    Raises:
        KinecorError: fsspec or what it needs for this kind of URL is not installed; an option as in `open_path`.

    """
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise KinecorError(
            "a URL that holds a user's name would be written into results: keep it in the configuration of fsspec"
        )
    try:
        import fsspec
    except ImportError as error:
        raise KinecorError(f"{url}: URLs need fsspec: install kinecor[cluster]") from error
    folder = TemporaryFolder()
    try:
        system, root = fsspec.core.url_to_fs(url)
        local = folder.path / (PurePosixPath(root).name or "recordings")
        system.get(root, str(local), recursive=system.isdir(root))
    except ImportError as error:
        raise KinecorError(f"{url}: {error}") from error
    except Exception as error:  # whatever another system answers; its text may hold more than is good to show
        why = f"Expected a recording that can be fetched, this one cannot be ({type(error).__name__}); check the URL"
        return Opened((), (Refused(url, why),))
    opened = open_path(local, **options)

    def shown(path: str) -> str:
        inner = Path(path)
        if not inner.is_relative_to(local):
            return path
        return url.rstrip("/") + ("/" + inner.relative_to(local).as_posix() if inner != local else "")

    def at_url(cine: CineSequence) -> CineSequence:
        return replace(cine, source=replace(cine.source, path=shown(cine.source.path)))

    def moved(one: Recording) -> Recording:
        if isinstance(one, Stack):
            return replace(one, slices=tuple(map(at_url, one.slices)))
        return at_url(one)

    refused = tuple(replace(one, path=shown(one.path)) for one in opened.refused)
    reports = tuple(replace(one, path=shown(one.path)) for one in opened.reports)
    return Fetched(tuple(map(moved, opened.recordings)), refused, reports, folder)
