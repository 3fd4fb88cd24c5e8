"""Copies of study files, complete at one point in time, whether or not a window writes to them."""

from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.atomic import clear_partial, whole
from kinecor.session.audit import Head, store_head
from kinecor.session.store import Store


def back_up(path: Path, folder: Path) -> tuple[Path, Head | None]:
    """Copy a study file to `folder` under its own name; the copy, and what it ends with.

    An older backup of the same file is replaced. A file there that is not an earlier state of this one (a study of
    another machine, or one that was cut off since) stays, and the copy is refused: it may be the better one.

    Args:
        path: of the study file.
        folder: of backups.

    Raises:
        KinecorError: the file cannot be read, its chain is broken, or `folder` holds another file of that name.

    """
    target = folder / path.name
    clear_partial(folder)
    with Store.read(path) as store:
        broken = store.verify()
        if broken is not None:
            raise KinecorError(
                message(
                    "{path} was changed by other means: entries from {broken} on may not be genuine. It was "
                    "not copied, so that an earlier backup stays; copy the file by hand to keep it as it is",
                    path=verbatim(str(path)),
                    broken=broken,
                )
            )
        if target.exists():
            _check_earlier(target, store)
        with whole(target, private=True) as temporary:
            store.copy_to(temporary)
            with Store.read(temporary) as copy:
                if copy.verify() is not None:
                    raise KinecorError(
                        message(
                            "{target} could not be written as it should be: check the disk",
                            target=verbatim(str(target)),
                        )
                    )
                head = store_head(copy)
    return target, head


def _check_earlier(target: Path, store: Store) -> None:
    with Store.read(target) as copy:
        there = store_head(copy)
    if there is None:
        return
    digest = next((row.digest.hex() for row in store.rows() if row.number == there.entries), None)
    if digest != there.digest:
        raise KinecorError(
            message(
                "{target} holds entries that {name} does not have (its entry {entries}): it was not "
                "replaced; name another folder, or restore it if the study has lost entries",
                target=verbatim(str(target)),
                name=verbatim(store.path.name),
                entries=there.entries,
            )
        )
