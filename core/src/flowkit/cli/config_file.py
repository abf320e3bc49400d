"""Configuration files: reading one as it is, and writing it whole."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit.errors import ConfigurationError
from flowkit.settings import PREFIX

__all__ = ["as_text", "masked", "parse_values", "read_file", "remove_file", "write_file"]

#: Words that a name has if its value is nobody else's business.
_SECRET = re.compile(
    r"SECRET|TOKEN|PASSW|PWD|CREDENTIALS|PRIVATE|CONNECTION_STRING|AUTH(?!OR)|COOKIE|(^|_)KEY($|_)|APIKEY|ACCESSKEY"
)
_URL_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+(?=@)")
_MASK = "********"


def read_file(path: Path) -> dict[str, Any]:
    """The values of a file, by their full names (``FLOWKIT_X``), sorted; none if there is no such file.

    Raises
    ------
    ConfigurationError
        If it can't be read, or isn't one JSON object.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from None
    return parse_values(content, str(path))


def parse_values(content: bytes, where: str) -> dict[str, Any]:
    """The values of a JSON object, as :func:`read_file` gives them.

    Parameters
    ----------
    where
        Where the text comes from, for messages.
    """
    import json

    try:
        values = json.loads(content)
    except ValueError as error:
        raise ConfigurationError(f"{where} isn't valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"{where} must be one JSON object, and is {type(values).__name__}")
    return _with_full_names(values)


def _with_full_names(values: Mapping[str, Any]) -> dict[str, Any]:
    named = {f"{PREFIX}{name.upper().removeprefix(PREFIX)}": value for name, value in values.items()}
    return dict(sorted(named.items()))


def write_file(path: Path, values: Mapping[str, Any]) -> None:
    """Replace a file at once, and let nobody but its owner read it. Missing folders are made.

    Raises
    ------
    ConfigurationError
        If that can't be done; the file is then as it was.
    """
    import json

    data = (json.dumps(_with_full_names(values), indent=2, ensure_ascii=False) + "\n").encode()
    # A link stays one, and what it leads to is replaced.
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o600)
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}") from None


def remove_file(path: Path) -> None:
    """Remove a file. Raises ConfigurationError if that can't be done."""
    try:
        Path(os.path.realpath(path)).unlink()
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be removed: {error.strerror}") from None


def masked(name: str, value: Any) -> Any:
    """``value`` as it may be shown: without what its name, or a name inside it, says is a secret."""
    if _SECRET.search(name.upper().replace("-", "_")):
        return _MASK
    if isinstance(value, dict):
        return {key: masked(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(name, inner) for inner in value]
    if isinstance(value, str):
        return _URL_PASSWORD.sub(rf"\1:{_MASK}", value)
    return value


def as_text(value: Any) -> str:
    """A value as a line shows it: text as it is, all else as JSON."""
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
