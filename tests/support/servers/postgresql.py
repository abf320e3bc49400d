"""PostgreSQL, as a user that isn't root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.need import missing
from support.servers.process import free_port, running

__all__ = ["serve_postgresql"]


@contextmanager
def serve_postgresql(folder: Path) -> Iterator[str]:
    """A server's address, of an empty database, while the context lasts."""
    programs = _programs()
    # Its user must reach the folder, which those of tests aren't made for.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as home:
        data = Path(home) / "data"
        user, become = _user(Path(home))
        subprocess.run(
            [*become, str(programs / "initdb"), "--no-sync", "--auth=trust", "-U", user, "-E", "UTF8", "-D", str(data)],
            check=True,
            capture_output=True,
            cwd=home,
        )
        port = free_port()
        settings = ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=400", f"unix_socket_directories={home}"]
        command = [*become, str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        command += [part for setting in settings for part in ("-c", setting)]
        # SIGINT ends it without waiting for its clients.
        with running(command, port, folder / f"postgresql-{port}.log", stop=signal.SIGINT):
            yield f"postgresql://{user}@127.0.0.1:{port}/postgres"


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(program) for program in [shutil.which("initdb")] if program
    ]
    return found[-1].parent if found else missing("PostgreSQL")


def _user(home: Path) -> tuple[str, list[str]]:
    """Who it runs as, and what a command begins with to do so."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name, []
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        missing("a user for PostgreSQL, which doesn't run as root")
    os.chown(home, account.pw_uid, account.pw_gid)
    options = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--pdeathsig", "KILL"]
    return "postgres", [shutil.which("setpriv") or missing("the program setpriv"), *options, "--"]
