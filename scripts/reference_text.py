"""What the scripts that write reference pages share: docstrings as Markdown, and writing or comparing a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["as_markdown", "one_line", "write_page"]

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_UNDERLINE = re.compile(r"-{3,}")


def as_markdown(doc: str) -> str:
    """A docstring, its sections as bold heads and their entries as lists."""
    text = _ROLE.sub(r"`\1`", doc).replace("``", "`")
    lines = text.splitlines()
    out: list[str] = []
    section = ""
    for number, line in enumerate(lines):
        if _UNDERLINE.fullmatch(line):
            continue
        if number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1]):
            section = line
            out += [f"**{line}**", ""]
        elif section == "Examples":
            out.append(f"    {line}" if line else "")
        elif section and line and not line.startswith(" "):
            out.append(f"- `{line}`" if "`" not in line else f"- {line}")
        elif section and line:
            out.append(f"  {line.strip()}")
        else:
            out.append(line)
    return "\n".join(out).rstrip()


def one_line(doc: str) -> str:
    """A docstring's first paragraph in one line."""
    return " ".join(_ROLE.sub(r"`\1`", doc).replace("``", "`").split("\n\n")[0].split())


def write_page(target: Path, text: str, script: str) -> int:
    """Write the page or, with ``--check`` on the command line, compare it. Returns the exit status."""
    text = re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"
    if "--check" not in sys.argv[1:]:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{target} is out of date: run python scripts/{Path(script).name}\n")
    return 1
