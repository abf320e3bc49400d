"""Whether a file lies on a network filesystem, where several machines can't share a write-ahead log;
what SQLite keeps beside it."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["beside", "filesystem_type", "has_content", "is_on_network"]

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
        "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb", "smb2", "smb3", "smbfs", "virtiofs", "vboxsf", "wekafs",
    }
)  # fmt: skip


def is_on_network(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether ``path`` (which need not exist) is on a filesystem that several machines may share.

    Where the table of mounts can't be read (not Linux), the answer is False.
    """
    kind = filesystem_type(path, mounts)
    # Filesystems in user space are named fuse.PROGRAM; those that matter here are all remote (sshfs, s3fs, rclone…),
    # and for one that isn't, the slower journal is only slower.
    return kind in _NETWORK or kind.startswith("fuse.") or kind == "fuse"


def beside(file: Path, kind: str) -> Path:
    """The file that SQLite keeps beside a database: its ``wal``, ``shm`` or ``journal``."""
    return file.with_name(f"{file.name}-{kind}")


def has_content(file: Path) -> bool:
    """Whether a file is there, and isn't empty."""
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def filesystem_type(path: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the filesystem that ``path`` is on, as ``ext4``; empty if it isn't known."""
    try:
        table = mounts.read_text(errors="surrogateescape")
    except OSError:
        return ""
    real = os.path.realpath(path)
    longest, found = -1, ""
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _unescape(fields[1])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two mounts on one folder, the later hides the earlier.
        if inside and len(point) >= longest:
            longest, found = len(point), fields[2]
    return found


def _unescape(text: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text
