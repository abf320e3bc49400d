"""Production tokens: who may deploy over what another has deployed.

The token of a deployment is kept with it in the orchestrator, and for each user in a file of the folder of
configuration. Whoever deployed last, or has the token, may deploy; another user is given it by one who has.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

import attrs

from flowkit.errors import ProductionTokenError
from flowkit.model.deployment import Deployment

__all__ = ["TokenChoice", "TokenFile", "check_token", "choose_token"]

_PREFIX = "production:"
_is_token = re.compile(r"[A-Za-z0-9_.-]+").fullmatch
_is_numbered = re.compile(r"(?P<stem>.+)-(?P<number>\d+)-[a-z]{4}").fullmatch
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class TokenFile:
    """The tokens that a user knows.

    Parameters
    ----------
    home
        The folder of configuration.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "production_tokens.json"

    def get(self, deployer: str, name: str) -> str | None:
        """The token for a deployment; None if there is none."""
        found = self._read().get(f"{deployer}/{name}")
        return str(found) if found else None

    def put(self, deployer: str, name: str, token: str) -> None:
        """Remember it. Raises ProductionTokenError if the file can't be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Two commands at once would each leave out what the other adds.
            with open(self._path.with_name(".production_tokens.lock"), "ab") as lock:
                with suppress(OSError):  # a file system without locks
                    fcntl.flock(lock, fcntl.LOCK_EX)
                descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".production_tokens-")
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({**self._read(), f"{deployer}/{name}": token}, file, indent=1, sort_keys=True)
                os.replace(temporary, self._path)
        except OSError as error:
            raise ProductionTokenError(f"the tokens in {self._path} can't be written: {error.strerror}") from error

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ProductionTokenError(
                f"the tokens in {self._path} can't be read ({error}): mend the file, or remove it and give --authorize"
            ) from None
        return found if isinstance(found, dict) else {}


@attrs.frozen
class TokenChoice:
    """The token that a deployment is to have."""

    token: str
    #: Whether it is another than before: the runs get another namespace then.
    is_new: bool


def check_token(
    before: Deployment, known: str | None, authorize: str | None, username: str, how: str, verb: str = "deploy"
) -> None:
    """Raise ProductionTokenError unless the user may change this deployment.

    Parameters
    ----------
    known
        The token that the user's file has.
    authorize
        The token that the command line gives; with or without ``production:`` before it.
    how
        What to call again, with the token.
    """
    given = authorize.removeprefix(_PREFIX) if authorize else known
    if given == before.production_token or (authorize is None and before.username == username):
        return
    problem = "the token that is given isn't its" if authorize else "this needs its"
    raise ProductionTokenError(
        f"{before.name} was deployed by {before.username}, and {problem} production token to {verb} it: ask for the "
        f"token, and give it once: {how}"
    )


def choose_token(
    name: str, before: Deployment | None, *, generate: bool = False, new: str | None = None
) -> TokenChoice:
    """The token of a deployment that is about to be made, by one who may.

    Raises
    ------
    ProductionTokenError
        If a token is given that can't be one.
    """
    if new is not None:
        token = new.removeprefix(_PREFIX)
        if not _is_token(token):
            raise ProductionTokenError(
                f"--new-token {new!r} can't be a token: use letters, digits, hyphens, underscores and dots"
            )
        return TokenChoice(token, before is None or token != before.production_token)
    if before is None:
        return TokenChoice(_next_token(name, None), True)
    if generate:
        return TokenChoice(_next_token(name, before.production_token), True)
    return TokenChoice(before.production_token, False)


def _next_token(name: str, previous: str | None) -> str:
    number, stem = 0, re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-").lower()
    if previous is not None and (match := _is_numbered(previous)):
        number, stem = int(match["number"]) + 1, match["stem"]
    return f"{stem}-{number}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"
