"""Tags, and runs by tag, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from flowkit.model.record import RunRecord

__all__ = ["TagGroup", "sections"]


@attrs.frozen
class TagGroup:
    """What is shown under one heading: the user's items and the system's, sorted."""

    heading: str
    user: tuple[str, ...]
    system: tuple[str, ...] = ()

    @classmethod
    def of_runs(cls, runs: Iterable[RunRecord], heading: str = "") -> TagGroup:
        """The tags that any of ``runs`` has."""
        user: set[str] = set()
        system: set[str] = set()
        for run in runs:
            user.update(run.tags)
            system.update(run.system_tags)
        return cls(heading, tuple(sorted(user)), tuple(sorted(system)))

    def without_system_tags(self) -> TagGroup:
        """The same without what the system gave."""
        return attrs.evolve(self, system=())


def sections(groups: Iterable[TagGroup], *, headings: bool = True) -> Iterator[str]:
    """The lines of ``groups``: user tags first, then the system's, which say so."""
    for group in groups:
        if headings:
            yield group.heading
        indent = "  " if headings else ""
        if not (group.user or group.system):
            yield f"{indent}no tags"
        yield from (f"{indent}{tag}" for tag in group.user)
        yield from (f"{indent}{tag} (system)" for tag in group.system)
