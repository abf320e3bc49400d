"""Runs the examples of a page of documentation, as its reader would: in one folder, from top to bottom.

- A block whose first line is a comment with a file's name (``# hello.py``), or whose info string has
  ``title="hello.py"``, is that file. A later block may write it anew.
- Any other ``python`` block is a program of its own, run in that folder. A line ``expression  # => value`` asserts what
  the expression's repr is.
- In a ``console`` block, a line ``$ command`` is run by a shell, and what follows is what it writes to both streams.
  ``...`` on a line of its own stands for any lines, and within a line for any text. Where the last command of a block
  fails, the info string says ``exit=1``. The word RUN in a command stands for the id of the newest run.
- ``text`` blocks aren't run; blocks of any other kind are a fault.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import attrs

from support.project import Project

__all__ = ["Block", "blocks_of", "run_page"]

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+-]*)(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S
)
_TITLE = re.compile(r'title="([^"]+)"')
_NAME_LINE = re.compile(r"# ([\w./-]+\.\w+)\n")
_CLAIM = re.compile(r"(?P<expression>\S.*?) +# => (?P<value>.*)")
_EXIT = re.compile(r"exit=(\d+)")
_MARK = "value of the line: "
_NOT_RUN = {"text", ""}


@attrs.frozen
class Block:
    """One fenced block."""

    page: Path
    line: int
    language: str
    info: str
    text: str

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.page.name}:{self.line}"

    @property
    def file_name(self) -> str | None:
        """The file that the block is; None if it isn't one."""
        title = _TITLE.search(self.info)
        first = _NAME_LINE.match(self.text)
        return title[1] if title else first[1] if first and self.language != "console" else None


def blocks_of(page: Path) -> list[Block]:
    """The page's fenced blocks, in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        indent = match["indent"]
        body = "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["language"], match["info"], body))
    return found


def run_page(page: Path, project: Project, programs: Path | None = None) -> int:
    """Run all examples of a page in the project's folder. Returns how many there were; a difference fails the test.

    Parameters
    ----------
    programs
        A folder with ``python`` and the other programs that commands name; that of the tests' interpreter if not given.
    """
    programs = programs or Path(sys.executable).parent
    count = 0
    for block in blocks_of(page):
        if (name := block.file_name) is not None:
            project.write(name, block.text)
        elif block.language == "python":
            _run_program(block, project, programs)
        elif block.language == "console":
            _run_console(block, project, programs)
        else:
            assert block.language in _NOT_RUN, f"{block.where}: examples in {block.language!r} can't be run"
            continue
        count += 1
    return count


def _run_program(block: Block, project: Project, programs: Path) -> None:
    lines, values = [], []
    for line in block.text.splitlines():
        claim = _CLAIM.fullmatch(line)
        if claim is not None:
            values.append(claim["value"])
            line = f"print({_MARK!r} + repr(({claim['expression']})))"
        lines.append(line)
    done = _shell([str(programs / "python"), "-c", "\n".join(lines)], project, programs)
    assert done.returncode == 0, f"{block.where} failed:\n{done.stdout}"
    shown = [line.removeprefix(_MARK) for line in done.stdout.splitlines() if line.startswith(_MARK)]
    assert len(shown) == len(values), f"{block.where}:\n{done.stdout}"
    for said, found in zip(values, shown, strict=True):
        assert _matches(said, found), f"{block.where}: the page says {said}, and it is {found}"


def _run_console(block: Block, project: Project, programs: Path) -> None:
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"{block.where}: begins with no command"
    status = int(found[1]) if (found := _EXIT.search(block.info)) else 0
    for number, part in enumerate(parts[1:], start=1):
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = f"{command[:-1]} {more}"
        done = _shell(["/bin/sh", "-c", re.sub(r"\bRUN\b", _newest_run(project), command)], project, programs)
        shown = f"{block.where}: $ {command}\n--- the page says\n{expected}\n--- it is\n{done.stdout}"
        assert done.returncode == (status if number == len(parts) - 1 else 0), f"status {done.returncode}: {shown}"
        assert _matches(expected, done.stdout), shown


def _shell(command: list[str], project: Project, programs: Path) -> subprocess.CompletedProcess[str]:
    scripts = [str(programs), sysconfig.get_path("scripts"), project.environment["PATH"]]
    return subprocess.run(
        command,
        cwd=project.path,
        env={**project.environment, "PATH": os.pathsep.join(scripts)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def _newest_run(project: Project) -> str:
    runs = [run.name for run in project.store.glob("*/runs/*")]
    return max(runs, key=int, default="RUN")


def _matches(expected: str, found: str) -> bool:
    pattern = re.escape(expected.strip("\n"))
    pattern = re.sub(r"(?m)^\\\.\\\.\\\.(\\\n|\Z)", r"(?:.*\\n)*?", pattern).replace(r"\.\.\.", ".*?")
    # Lines may end in spaces that a page doesn't show.
    shown = "".join(f"{line.rstrip()}\n" for line in found.strip("\n").splitlines())
    return re.fullmatch(f"{pattern}\\n?", shown if shown else "") is not None
