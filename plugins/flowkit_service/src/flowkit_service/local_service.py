"""What the services of this machine leave for its clients: where they listen, and their token.

All of it is in ``$FLOWKIT_HOME/service``, a folder for its owner alone: ``token``, ``PORT.json`` for each service that
runs, and ``service.db``.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import attrs

from flowkit.plugin import ConfigurationError, Settings

__all__ = ["LocalService", "announce", "default_database", "folder_of", "forget", "kept_token", "new_token", "running"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@attrs.frozen
class LocalService:
    """A service that runs on this machine."""

    url: str
    token: str | None
    pid: int
    database: str

    @property
    def is_alive(self) -> bool:
        """Whether its process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def folder_of(settings: Settings) -> Path:
    """The folder of this machine's services; it may not exist yet."""
    return settings.home / "service"


def default_database(settings: Settings) -> Path:
    """The SQLite file of a service that was told of no other database."""
    return folder_of(settings) / "service.db"


def kept_token(settings: Settings) -> str | None:
    """The token of this machine's services, if there is one."""
    try:
        return _private_text(folder_of(settings) / "token").strip() or None
    except FileNotFoundError:
        return None


def new_token(settings: Settings) -> str:
    """Make a token and keep it, in place of the one before. Services that run keep theirs until they are restarted."""
    token = secrets.token_urlsafe(32)
    _write(folder_of(settings) / "token", token + "\n")
    return token


def announce(settings: Settings, port: int, service: LocalService) -> Path:
    """Let clients of this user find a service."""
    file = folder_of(settings) / f"{port}.json"
    _write(file, json.dumps(attrs.asdict(service)))
    return file


def forget(file: Path) -> None:
    """The service has ended."""
    file.unlink(missing_ok=True)


def running(settings: Settings, url: str | None = None) -> LocalService | None:
    """The service of this machine that listens at ``url``; the one that was started last if none is named."""
    folder = folder_of(settings)
    if url is None:
        files = sorted(folder.glob("[0-9]*.json"), key=_changed_at, reverse=True)
    else:
        parts = urlsplit(url)
        if parts.hostname not in _LOOPBACK:
            return None
        files = [folder / f"{parts.port or 80}.json"]
    for file in files:
        try:
            service = LocalService(**json.loads(_private_text(file)))
        except (FileNotFoundError, ValueError, TypeError):
            continue
        if service.is_alive:
            return service
    return None


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # its service has ended since the folder was listed
        return 0.0


def _private_text(file: Path) -> str:
    with file.open(encoding="utf-8") as opened:
        mode = os.fstat(opened.fileno()).st_mode
        if os.name == "posix" and mode & 0o077:
            raise ConfigurationError(f"{file} can be read by others, and holds a token: chmod 600 {file}")
        return opened.read()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    temporary.replace(file)
