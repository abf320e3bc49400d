"""Whether an archive is larger than code is, and what makes it so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowkit.errors import PackagingError
from flowkit.packaging.selection import IGNORE_FILE, MOST_ENTRIES, CodeSource, Selection

if TYPE_CHECKING:
    from flowkit.settings import Settings

__all__ = ["USUAL_LIMITS", "SizeLimits", "check_size", "shown_size"]

_NAMED = 3


class SizeLimits(NamedTuple):
    """Bytes of an archive from which the user is warned, and past which it isn't stored; None for never."""

    warn: int | None = 20_000_000
    refuse: int | None = None
    #: How many files and folders a tree may have.
    entries: int = MOST_ENTRIES

    @classmethod
    def of(cls, settings: Settings) -> SizeLimits:
        """As the configuration says. Raises ConfigurationError."""
        return cls(settings.code_warn_size, settings.code_max_size, settings.code_max_entries)


#: What holds where nothing is configured.
USUAL_LIMITS = SizeLimits()


def check_size(source: CodeSource, selection: Selection, size: int, limits: SizeLimits) -> str:
    """What to tell the user of an archive of ``size`` bytes: empty where that is no surprise.

    Raises
    ------
    PackagingError
        If it is past the limit that was set.
    """
    if limits.refuse is not None and size > limits.refuse:
        raise PackagingError(
            f"the code in {source.folder} is {shown_size(size)} packed, and CODE_MAX_SIZE allows "
            f"{shown_size(limits.refuse)}; {_mend(selection)}"
        )
    if limits.warn is not None and size > limits.warn:
        return f"the code in {source.folder} is {shown_size(size)} packed; {_mend(selection)}"
    return ""


def shown_size(size: int) -> str:
    """Bytes, as people read them.

    >>> shown_size(812), shown_size(25_300_000)
    ('812 bytes', '25.3 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    for unit, factor in (("kB", 1e3), ("MB", 1e6)):
        if size < factor * 999.95:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"


def _mend(selection: Selection) -> str:
    # A folder of the top counts with all that is in it, a file of the top by itself.
    sizes: dict[str, int] = {}
    for name, state in selection.states.items():
        top, slash, _ = name.partition("/")
        sizes[top + slash] = sizes.get(top + slash, 0) + state[0]
    largest = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:_NAMED]
    named = ", ".join(f"{name} ({shown_size(size)})" for name, size in largest)
    return f"the largest are {named}: leave out what isn't needed with a file {IGNORE_FILE}"
