"""The source type ``file``: variables from a file, as an orchestrator mounts one or a developer keeps one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit.errors import FlowkitError
from flowkit.interfaces.secrets_provider import SecretsProvider
from flowkit.model.secret_values import from_json

__all__ = ["FileSecrets"]

_FORMS = ("json", "lines", "text")


class FileSecrets(SecretsProvider):
    """``{"type": "file", "id": PATH, "options": {…}}``.

    The option ``format`` is ``json`` (an object of variables), ``lines`` (``NAME=VALUE``; blank lines and those that
    begin with ``#`` are passed over; a value may stand in single or double quotes) or ``text`` (the whole file is the
    value of the variable that the option ``variable`` names). Without it, a file that begins with ``{`` is JSON, and
    ``variable`` asks for text.
    """

    name = "file"
    known_options = frozenset({"format", "variable"})

    def fetch(self, secret_id: str | None, options: Mapping[str, Any], role: str | None = None) -> Mapping[str, str]:
        """The variables. Raises FlowkitError if the file can't be read, or isn't of the form."""
        if not secret_id:
            raise FlowkitError("a secret in a file needs the file's path as its id")
        where, variable = f"the file of secrets {secret_id}", options.get("variable")
        text = _read(secret_id, where)
        form = options.get("format") or ("text" if variable else "json" if text.lstrip().startswith("{") else "lines")
        if form not in _FORMS:
            raise FlowkitError(f"{where} can't be read as {form!r}: the option 'format' is one of {', '.join(_FORMS)}")
        if form == "text":
            if not variable:
                raise FlowkitError(f"{where} is to be a text: name its variable by the option 'variable'")
            return {str(variable): text}
        return from_json(text, where) if form == "json" else _lines(text, where)


def _read(path: str, where: str) -> str:
    try:
        with open(Path(path).expanduser(), encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise FlowkitError(f"{where} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        # The error itself holds the content.
        raise FlowkitError(f"{where} can't be read: it isn't UTF-8 text") from None


def _lines(text: str, where: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.removeprefix("export ").partition("=")
        if not equals or not name.strip():
            raise FlowkitError(f"{where}: line {number} isn't of the form NAME=VALUE")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        variables[name.strip()] = value
    return variables
