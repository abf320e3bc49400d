"""Files that are to be rewritten: which ones, what each becomes, and writing it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

import attrs

from flowkit.cli.migrate.names import THEIRS, NameTable
from flowkit.cli.migrate.notebook import NotebookCode
from flowkit.cli.migrate.rewriting import Finding, rewrite
from flowkit.errors import CommandError, FlowkitError

__all__ = ["MigratedFile", "find_files", "migrated", "write_file"]

_SUFFIXES = (".py", ".ipynb")


@attrs.frozen
class MigratedFile:
    """What becomes of one file."""

    path: Path
    before: bytes
    after: bytes
    #: Code before and after, as the user is to see them.
    shown: tuple[str, str]
    #: Lines for the user: what is left to do.
    findings: tuple[str, ...] = ()
    #: It can't be read, and stays as it is; the one finding says why.
    is_unread: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether it is to be written."""
        return self.before != self.after

    def diff(self) -> str:
        """Unified, empty if nothing changes."""
        before, after = (text.splitlines(keepends=True) for text in self.shown)
        lines = unified_diff(before, after, str(self.path), str(self.path))
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def find_files(paths: Iterable[str]) -> list[Path]:
    """The files named, and the Python files and notebooks below the folders named.

    Hidden folders and virtual environments are left out.

    Raises
    ------
    CommandError
        If there is no such file, or it is neither Python nor a notebook.
    """
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found.update(dict.fromkeys(_below(path)))
        elif not path.exists():
            raise CommandError(f"there is no file {name!r}")
        elif path.suffix not in _SUFFIXES:
            raise CommandError(f"{name!r} is neither a Python file (.py) nor a notebook (.ipynb)")
        else:
            found[path] = None
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        kept = (one for one in folders if not one.startswith(".") and one not in ("__pycache__", "node_modules"))
        folders[:] = sorted(one for one in kept if not Path(root, one, "pyvenv.cfg").exists())
        yield from (Path(root, name) for name in sorted(files) if name.endswith(_SUFFIXES))


def migrated(path: Path, names: NameTable) -> MigratedFile:
    """What becomes of a file; a file that can't be read as Python stays as it is, and that is among the findings."""
    try:
        before = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from None
    if THEIRS.encode() not in before.lower():
        return MigratedFile(path, before, before, ("", ""))
    try:
        return _notebook(path, before, names) if path.suffix == ".ipynb" else _source(path, before, names)
    except (SyntaxError, ValueError) as error:
        return MigratedFile(path, before, before, ("", ""), (_unread(path, error),), is_unread=True)
    except FlowkitError as error:
        error.message = f"{path}: {error.message}"
        raise


def _source(path: Path, before: bytes, names: NameTable) -> MigratedFile:
    done = rewrite(before, names)
    shown = (before.decode(errors="replace"), done.source.decode(errors="replace"))
    return MigratedFile(path, before, done.source, shown, tuple(_line(path, one) for one in done.findings))


def _unread(path: Path, error: SyntaxError | ValueError) -> str:
    kind = "a notebook" if path.suffix == ".ipynb" else "Python"
    line = getattr(error, "lineno", None)
    # The place is said once, as with all other findings.
    words = getattr(error, "msg", None) or str(error)
    return f"{path}{f':{line}' if line else ''}: it isn't {kind}, and stays as it is: {words}"


def _line(path: Path, finding: Finding) -> str:
    return f"{path}:{finding.line}: {finding.text}"


def _notebook(path: Path, before: bytes, names: NameTable) -> MigratedFile:
    code = NotebookCode(before.decode())
    text, old, new, findings = code.rewritten(names)
    lines = old.splitlines()
    told = [f"{path}: cell {number} isn't Python, and stays as it is" for number in code.unread]
    told += [f"{path}: cell {number}: the line of IPython {line!r} stays as it is" for number, line in code.unchanged]
    for one in findings:
        heads = [line for line in lines[: one.line] if line.startswith("# flowkit: cell ")]
        told.append(f"{path}: cell {heads[-1].rpartition(' ')[2]}: {one.text}")
    return MigratedFile(path, before, text.encode(), (old, new), tuple(told))


def write_file(file: MigratedFile) -> None:
    """Write the file whole, with the permissions that it has. Raises FlowkitError."""
    target = file.path.resolve()
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(file.after)
            shutil.copymode(target, temporary)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FlowkitError(f"{file.path} can't be written: {error.strerror}; it is as it was") from error
