"""Run uv on this interpreter, with the package indexes that pip is configured for (uv doesn't read pip's settings).

``python scripts/uv.py pip install …``; variables that are set for uv already stay as they are.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

#: pip's name, uv's variable, and what separates several values there.
_SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_INDEX", " "),
    ("find-links", "UV_FIND_LINKS", ","),
    ("trusted-host", "UV_INSECURE_HOST", " "),
    ("cert", "SSL_CERT_FILE", " "),
    ("no-index", "UV_NO_INDEX", " "),
    ("timeout", "UV_HTTP_TIMEOUT", " "),
    ("default-timeout", "UV_HTTP_TIMEOUT", " "),
)
#: Sections of pip's configuration, the strongest first.
_SECTIONS = (":env:", "install", "global")


def pip_settings() -> dict[str, str]:
    """pip's settings by name, from its files and the environment."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    found = {key: "".join(shlex.split(value)) for key, _, value in (line.partition("=") for line in lines)}
    settings: dict[str, str] = {}
    for section in _SECTIONS:
        for key, value in found.items():
            if key.startswith(f"{section}."):
                settings.setdefault(key.removeprefix(f"{section}."), value)
    return settings


def uv_variables(settings: dict[str, str]) -> dict[str, str]:
    """The same settings as uv's environment variables."""
    variables = {
        variable: separator.join(settings[name].split())
        for name, variable, separator in _SETTINGS
        if settings.get(name, "").strip()
    }
    if "UV_INDEX" in variables:
        # pip takes the best version of all its indexes; uv by default only asks the first that has the name.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


def main() -> None:
    """Replace this process by uv."""
    uv = Path(sys.executable).with_name("uv")
    # The prefix, not the executable: a virtual environment's interpreter is a link to one outside it.
    chosen = {"VIRTUAL_ENV": sys.prefix, "UV_COMPILE_BYTECODE": "1", **uv_variables(pip_settings()), **os.environ}
    chosen["VIRTUAL_ENV"] = sys.prefix
    os.execve(uv, [str(uv), *sys.argv[1:]], chosen)  # noqa: S606 (an argument list)


if __name__ == "__main__":
    main()
