"""Which files are the code of a flow."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from flowkit.errors import PackagingError
from flowkit.packaging.git import Repository

__all__ = [
    "DEFAULT_SUFFIXES",
    "FORMAT",
    "IGNORE_FILE",
    "INFO_NAME",
    "MOST_ENTRIES",
    "CodeSource",
    "FileState",
    "Selection",
    "select",
    "select_again",
]

#: Of the archive, and of what is remembered of it.
FORMAT = 1
DEFAULT_SUFFIXES = (".py", ".R", ".RDS")
#: In the form of a .gitignore, in any folder of the tree.
IGNORE_FILE = ".flowkitignore"
#: A tree with more names than these is no project, but the folder of many.
MOST_ENTRIES = 50_000
#: Folders that hold what can be made again or installed, whatever they are in.
_NEVER = frozenset({"__pycache__", "node_modules", "__pypackages__"})
#: In an archive, and in a folder that the code of a run was fetched to: says what the other files are.
INFO_NAME = ".flowkit-code.json"
#: A folder with one of these in it is an environment of installed packages, or the code of another run.
_FOREIGN_MARKS = frozenset({"pyvenv.cfg", "conda-meta", INFO_NAME})

#: Size, times of last change of the content and of the file, in ns, and whether it may be executed.
FileState = tuple[int, int, int, bool]


class CodeSource(NamedTuple):
    """Where the code of a flow is taken from."""

    flow: str
    #: The flow's file, absolute.
    file: str
    suffixes: tuple[str, ...] = DEFAULT_SUFFIXES
    #: Files that decorators add: path on this machine, name in the archive, and who asked for it.
    added: tuple[tuple[str, str, str], ...] = ()

    @property
    def folder(self) -> str:
        """The folder that the flow's file is in: all names in the archive are relative to it."""
        return os.path.dirname(self.file)

    @property
    def script(self) -> str:
        """The name of the flow's file in the archive."""
        return os.path.basename(self.file)


class Selection:
    """What was chosen, as the files then were."""

    def __init__(self) -> None:
        #: By name in the archive: the file on this machine.
        self.paths: dict[str, str] = {}
        self.states: dict[str, FileState] = {}
        #: Files that say what is ignored; None for one that isn't there.
        self.rules: dict[str, FileState | None] = {}
        #: Names that decorators gave.
        self.added: set[str] = set()
        #: What the rules kept out: names of files and of folders.
        self.ignored: set[str] = set()

    def add(self, name: str, path: str, status: os.stat_result) -> None:
        """Choose a file."""
        self.paths[name] = path
        self.states[name] = _state(status)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(state[0] for state in self.states.values())


def select(source: CodeSource, most: int = MOST_ENTRIES) -> Selection:
    """Choose the files.

    Parameters
    ----------
    most
        How many files and folders may be looked at.

    Raises
    ------
    PackagingError
        If the flow's file is gone, the tree is too large, or what a decorator adds isn't there or takes a name that
        another file has.
    """
    repository = Repository.of(source.folder)
    by_git: Collection[str] = repository.ignored() if repository is not None else ()
    walk = _Walk(source, lambda name: name in by_git, most=most)
    return walk.run(repository)


def select_again(source: CodeSource, ignored: Collection[str], most: int = MOST_ENTRIES) -> Selection:
    """Choose the files where it is known already what the rules keep out. Raises PackagingError."""
    return _Walk(source, None, ignored, most=most).run(Repository.of(source.folder))


class _Walk:
    """One walk through the tree of a flow's folder, links followed."""

    def __init__(
        self,
        source: CodeSource,
        by_git: Callable[[str], bool] | None,
        ignored: Collection[str] = (),
        *,
        most: int,
    ) -> None:
        self._source = source
        self._by_git = by_git
        self._known = ignored
        self._most = most
        self._names = 0
        self._found = Selection()
        self._matchers: list[Callable[[str, bool], bool | None]] = []

    def run(self, repository: Repository | None) -> Selection:
        source, found = self._source, self._found
        for rule in repository.rules() if repository is not None else ():
            found.rules[rule] = _state_of(rule)
        try:
            self._folder(source.folder, "", ())
            found.add(source.script, source.file, os.stat(source.file))
        except OSError as error:
            raise PackagingError(
                f"the code of {source.flow} can't be read: {error.filename}: {error.strerror}"
            ) from error
        for path, name, origin in source.added:
            self._add(path, name, origin)
        return found

    def _folder(self, folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> None:
        status = os.stat(folder)
        identity = (status.st_dev, status.st_ino)
        if identity in above:  # a link to a folder that it is in
            return
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        names = {entry.name for entry in entries}
        if prefix and names & _FOREIGN_MARKS:
            return
        self._names += len(entries)
        if self._names > self._most:
            raise PackagingError(
                f"there are more than {self._most:,} files and folders in {self._source.folder}: move the flow to a "
                f"folder of its own, leave some out with a file {IGNORE_FILE}, or raise CODE_MAX_ENTRIES"
            )
        depth = len(self._matchers)
        self._note_rules(folder, prefix, names)
        for entry in entries:
            try:
                self._entry(entry, prefix + entry.name, (*above, identity))
            except OSError:
                # What this process can't read, the flow can't have run; a link may lead nowhere.
                continue
        del self._matchers[depth:]

    def _entry(self, entry: os.DirEntry[str], name: str, above: tuple[tuple[int, int], ...]) -> None:
        if entry.is_dir():
            if entry.name.startswith(".") or entry.name in _NEVER or self._is_ignored(name, is_folder=True):
                return
            self._folder(entry.path, f"{name}/", above)
        elif entry.name.endswith(self._source.suffixes):
            status = entry.stat()
            if stat.S_ISREG(status.st_mode) and not self._is_ignored(name, is_folder=False):
                self._found.add(name, entry.path, status)

    def _note_rules(self, folder: str, prefix: str, names: Collection[str]) -> None:
        for name in (".gitignore", IGNORE_FILE):
            if name in names:
                path = os.path.join(folder, name)
                self._found.rules[path] = _state_of(path)
        if self._by_git is not None and IGNORE_FILE in names:
            from flowkit.packaging.ignore_file import matcher

            self._matchers.append(matcher(os.path.join(folder, IGNORE_FILE), prefix))

    def _is_ignored(self, name: str, *, is_folder: bool) -> bool:
        if self._by_git is None:
            ignored = name in self._known
        else:
            verdicts = (matches(name, is_folder) for matches in reversed(self._matchers))
            # The nearest file that says anything counts, and may bring back what git ignores.
            verdict = next((one for one in verdicts if one is not None), None)
            ignored = self._by_git(name) if verdict is None else verdict
        if ignored:
            self._found.ignored.add(name)
        return ignored

    def _add(self, path: str, name: str, origin: str) -> None:
        clean = os.path.normpath(name)
        if os.path.isabs(clean) or clean.split(os.sep)[0] in ("..", "."):
            raise PackagingError(f"{origin} adds a file to the package as {name!r}: a name there is relative, below it")
        try:
            for one, inner in _files_below(os.path.abspath(path), clean):
                taken = self._found.paths.get(inner)
                if taken is not None and not os.path.samefile(taken, one) and _differ(taken, one):
                    raise PackagingError(f"{origin} adds {one} to the package as {inner!r}, which is {taken} already")
                self._found.add(inner, one, os.stat(one))
                self._found.added.add(inner)
        except OSError as error:
            raise PackagingError(
                f"{origin} adds {path} to the package, which can't be read: {error.strerror}"
            ) from error


def _files_below(path: str, name: str) -> Iterator[tuple[str, str]]:
    """A file, or the files of a folder, with their names in the archive."""
    if not os.path.isdir(path):
        yield path, name
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(one for one in folders if one not in _NEVER)
        for one in sorted(files):
            full = os.path.join(folder, one)
            yield full, f"{name}/{os.path.relpath(full, path)}"


def _differ(one: str, other: str) -> bool:
    import filecmp

    return not filecmp.cmp(one, other, shallow=False)


def _state(status: os.stat_result) -> FileState:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, bool(status.st_mode & stat.S_IXUSR))


def _state_of(path: str) -> FileState | None:
    try:
        return _state(os.stat(path))
    except OSError:
        return None
