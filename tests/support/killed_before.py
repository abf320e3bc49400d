"""Runs a flow file whose launching process kills itself before the nth time that it stores or records something.

``python -m support.killed_before 3 flow.py resume``
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


def main() -> None:
    left, launcher = int(sys.argv[1]), os.getpid()

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if os.getpid() == launcher:  # tasks inherit this, and live
                left -= 1
                if left == 0:
                    os.kill(launcher, signal.SIGKILL)
            return method(*arguments, **options)

        return call

    for kind, name in WRITES:
        setattr(kind, name, counted(getattr(kind, name)))
    del sys.argv[:2]
    sys.path.insert(0, os.getcwd())
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
