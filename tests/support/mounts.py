"""Small or read-only filesystems for tests that may mount them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.need import missing, need_program

__all__ = ["remount", "small_disk"]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A filesystem of ``size`` (``2m``) on ``folder``, in memory; gone at the end. Only root can mount one."""
    if os.geteuid() != 0:
        missing("the right to mount (this needs root)")
    mount, umount = need_program("mount"), need_program("umount")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        missing(f"a filesystem in memory ({done.stderr.strip()})")
    try:
        yield folder
    finally:
        # Lazily: a process that a test left behind can't hold it.
        subprocess.run([umount, "-l", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    """Change the options of a mounted filesystem: ``ro``, ``rw``, ``size=8m``."""
    subprocess.run([need_program("mount"), "-o", f"remount,{options}", str(folder)], check=True)
