"""Whether a folder is on another computer: there, SQLite's log in shared memory is not seen by a second writer."""

import sys
from pathlib import Path

_NETWORKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2",
     "davfs", "fuse.sshfs", "fuse.davfs2", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs"}
)  # fmt: skip
_LOCKS_STAY_HERE = frozenset({"9p", "davfs", *(one for one in _NETWORKS if one.startswith("fuse."))}) - frozenset(
    {"fuse.glusterfs", "fuse.ceph"}
)
"""Whose locks other computers do not see."""
_MOUNTS = Path("/proc/self/mountinfo")


def on_network(path: Path) -> bool:
    """Whether a file is on a network drive, as far as the system says; False where it does not.

    Args:
        path: of the file, which need not exist.

    """
    if sys.platform == "win32":
        import ctypes

        anchor = Path(path).absolute().anchor
        remote = 4  # DRIVE_REMOTE
        return anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == remote
    return _kind(path) in _NETWORKS


def locks_reach_others(path: Path) -> bool:
    """Whether all computers that can write a file see each other's locks on it, as far as the system says.

    Args:
        path: of the file, which need not exist.

    """
    return sys.platform == "win32" or _kind(path) not in _LOCKS_STAY_HERE


def _kind(path: Path) -> str:
    try:
        place = path.absolute().resolve()
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, RuntimeError):
        return ""
    return file_system(place, mounts)


def file_system(place: Path, mounts: str) -> str:
    """The kind of file system at a path; "" where no mount fits.

    Args:
        place: absolute, without links.
        mounts: the system's list of mounts, as in /proc/self/mountinfo.

    """
    found, longest = "", -1
    for line in mounts.splitlines():
        fields, _, kinds = line.partition(" - ")
        parts = fields.split()
        if len(parts) < 5 or not kinds:
            continue
        point = Path(parts[4].encode("latin-1", "replace").decode("unicode_escape"))
        # The last of several at one place hides the others.
        if (point == place or point in place.parents) and len(point.parts) >= longest:
            found, longest = kinds.split()[0], len(point.parts)
    return found
