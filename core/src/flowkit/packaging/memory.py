"""What the code of a flow was when it was last packed, so that an unchanged tree isn't read again."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from flowkit.packaging.selection import FORMAT, CodeSource, Selection, select_again
from flowkit.packaging.size import SizeLimits

__all__ = ["CodeMemory", "Remembered"]

#: A file that was changed this short a time ago may change again without a sign: filesystems keep times in steps.
_STEP_NS = 2_000_000_000
#: Bytes of what is kept of some 300 files.
_SMALL = 50_000


class Remembered(NamedTuple):
    """What is known of a tree that hasn't changed."""

    sha256: str
    #: Bytes of the archive.
    size: int
    #: What to tell the user of the archive's size; empty for nothing.
    warning: str = ""


class CodeMemory:
    """One small file for each flow's file, in a folder of this machine. Nothing here raises: what can't be kept isn't.

    Parameters
    ----------
    folder
        Where it may be; nothing is remembered below a folder that isn't there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_small(self, source: CodeSource) -> bool:
        """Whether something is remembered, of so few files that looking at them takes no time."""
        try:
            return self._file(source).stat().st_size < _SMALL
        except OSError:
            return False

    def recall(self, source: CodeSource, limits: SizeLimits) -> Remembered | None:
        """What the code was, if no file of it has changed, none is new, and none is gone."""
        try:
            kept = json.loads(self._file(source).read_bytes())
            if kept["of"] != _identity(source, limits):
                return None
            found = select_again(source, frozenset(kept["ignored"]), limits.entries)
            if _shape(found) != kept["tree"]:
                return None
            return Remembered(str(kept["sha256"]), int(kept["size"]), str(kept["warning"]))
        except Exception:  # it isn't there, or damaged: the tree is then read
            return None

    def remember(self, source: CodeSource, limits: SizeLimits, selection: Selection, found: Remembered) -> None:
        """Keep what the selected files became."""
        newest = max(state[2] for state in selection.states.values())
        if not self._folder.is_dir() or time.time_ns() - newest < _STEP_NS:
            return
        kept = {
            "of": _identity(source, limits),
            "tree": _shape(selection),
            "ignored": sorted(selection.ignored),
            **found._asdict(),
        }
        file = self._file(source)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(kept))
            temporary.replace(file)

    def _file(self, source: CodeSource) -> Path:
        from blake3 import blake3

        # No flow is called so: a name with a dot is no class's.
        return self._folder / ".cache" / "code" / f"{blake3(os.fsencode(source.file)).hexdigest(16)}.json"


def _identity(source: CodeSource, limits: SizeLimits) -> list[Any]:
    added = [list(one) for one in source.added]
    return [FORMAT, source.flow, source.file, list(source.suffixes), added, limits.warn, limits.refuse]


def _shape(selection: Selection) -> dict[str, Any]:
    """The tree as JSON gives it back."""
    return {
        "files": {name: [selection.paths[name], *state] for name, state in selection.states.items()},
        "rules": {path: None if state is None else list(state) for path, state in selection.rules.items()},
    }
