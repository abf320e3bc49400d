"""Runs a flow file of which a process kills itself before the nth time that it stores or records something.

``python -m support.killed_before launcher 3 flow.py resume``: the launching process; ``task`` for the first task that
gets so far.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from flowkit.builtin.local_datastore.datastore import LocalDatastore
from flowkit.builtin.local_datastore.staging import LocalStagedObject
from flowkit.builtin.sqlite_metadata.provider import SQLiteMetadata

WRITES = (
    (LocalDatastore, "put"),
    (LocalStagedObject, "commit"),
    (SQLiteMetadata, "create_run"),
    (SQLiteMetadata, "write"),
)


def is_first() -> bool:
    try:
        os.close(os.open("killed", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def main() -> None:
    role, left, launcher = sys.argv[1], int(sys.argv[2]), os.getpid()

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            # Tasks inherit this, and what is left.
            if (os.getpid() == launcher) == (role == "launcher"):
                left -= 1
                if left == 0 and (role == "launcher" or is_first()):
                    os.kill(os.getpid(), signal.SIGKILL)
            return method(*arguments, **options)

        return call

    for kind, name in WRITES:
        setattr(kind, name, counted(getattr(kind, name)))
    del sys.argv[:3]
    sys.path.insert(0, os.getcwd())
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
