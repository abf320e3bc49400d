"""``flowkit service up``."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from flowkit.plugin import AppContext, ConfigurationError, Settings
from flowkit_service import local_service
from flowkit_service.local_service import LocalService

__all__ = ["database_name", "start"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def start(
    context: AppContext,
    *,
    database: str | None,
    host: str,
    port: int,
    token_file: str | None,
    no_token: bool,
    connections: int,
    access_log: bool,
    no_migrate: bool,
    plain: bool,
) -> None:
    """Answer requests until told to end."""
    from flowkit_service.server.access import Access
    from flowkit_service.server.app import create_app
    from flowkit_service.server.serving import bind, serve
    from flowkit_service.storage.choice import database_at

    settings = context.settings
    if no_token and token_file:
        raise ConfigurationError("--no-token and --token-file say the opposite of each other: give one of them")
    token = None if no_token else _token(settings, token_file)
    store = database_at(database_name(settings, database), connections)
    is_local = host in _LOOPBACK
    listening = bind(host, port)
    taken = listening.getsockname()[1]
    # Where it listens to all, others know this machine by its name.
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104
    url = f"http://{f'[{name}]' if ':' in name else name}:{taken}"
    files: list[Path] = []

    def started() -> None:
        if is_local:
            files.append(local_service.announce(settings, taken, LocalService(url, token, os.getpid(), store.location)))
        _tell(context, url, token, store.location, is_local=is_local)

    log = sys.stderr if access_log else None
    app = create_app(store, Access(token, is_local), extensions=not plain, access_log=log)
    try:
        serve(app, store, listening, started, migrate=not no_migrate)
    finally:
        for file in files:
            local_service.forget(file)
    context.console.message("Stopped")


def database_name(settings: Settings, given: str | None) -> str:
    """The database that was given, configured, or is the usual one."""
    return given or settings.get("SERVICE_DATABASE") or str(local_service.default_database(settings))


def _token(settings: Settings, file: str | None) -> str:
    if file is not None:
        try:
            token = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{file} can't be read ({error.strerror}): name the file of the token") from None
        if not token:
            raise ConfigurationError(f"{file} is empty: write the token into it, or leave --token-file out")
        return token
    configured = settings.get("SERVICE_AUTH_KEY")
    return configured or local_service.kept_token(settings) or local_service.new_token(settings)


def _tell(context: AppContext, url: str, token: str | None, database: str, *, is_local: bool) -> None:
    message = context.console.message
    message(f"The metadata service answers, and keeps its records in {database}.")
    if token is None:
        message("It asks for no token: whoever reaches it may read and change all records.")
    if is_local:
        message("On this machine, runs are recorded there with --metadata service. For Metaflow, and elsewhere:")
    context.console.result(f"FLOWKIT_SERVICE_URL={url}")
    if token is not None:
        context.console.result(f"FLOWKIT_SERVICE_AUTH_KEY={token}")
    sys.stdout.flush()
    message("Ctrl-C ends it.")
