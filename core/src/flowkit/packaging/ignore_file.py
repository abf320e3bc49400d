"""Files in the form of a .gitignore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flowkit.errors import PackagingError

__all__ = ["matcher"]


def matcher(file: str, prefix: str) -> Callable[[str, bool], bool | None]:
    """What the file says of names in its folder and below.

    Parameters
    ----------
    prefix
        The folder's own name, with a slash at its end; empty for the top.

    Returns
    -------
    Callable
        Takes a name from the top and whether it is a folder's: True if it is ignored, False if a ``!`` line brings it
        back, None if no line is about it.

    Raises
    ------
    PackagingError
        If the file can't be read, or a line isn't a pattern.
    """
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines(Path(file).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise PackagingError(f"{file} can't be used: {error}") from error

    def matches(name: str, is_folder: bool) -> bool | None:
        return spec.check_file(name[len(prefix) :] + ("/" if is_folder else "")).include

    return matches
