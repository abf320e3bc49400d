"""Which tutorials came with FlowKit: each is a folder with a page, README.md, and the files that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click

import flowkit
from flowkit.cli.options import FlowkitOption
from flowkit.errors import NotFound

__all__ = ["Tutorial", "find_tutorials", "select", "tutorial_choice"]

C = TypeVar("C", bound=Callable[..., Any])

_PAGE = "README.md"
_FOLDERS = "[0-9][0-9]-*"


@attrs.frozen
class Tutorial:
    """One tutorial."""

    folder: Path

    @property
    def name(self) -> str:
        """As users name it: ``00-hello``."""
        return self.folder.name

    @property
    def page(self) -> str:
        """The text of its page."""
        return (self.folder / _PAGE).read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """The page's first line."""
        return self.page.partition("\n")[0].lstrip("# ")

    @property
    def summary(self) -> str:
        """The page's first paragraph, in one line."""
        return " ".join(self.page.split("\n\n")[1].split())

    def files(self) -> list[Path]:
        """All its files, the page first."""
        return [self.folder / _PAGE, *sorted(file for file in self.folder.glob("*.*") if file.name != _PAGE)]


def find_tutorials() -> list[Tutorial]:
    """All tutorials, in their order: those in the package or, where that is a clone's own folder, those of the clone.

    Raises
    ------
    NotFound
        If this installation has none.
    """
    package = Path(flowkit.__file__).parent
    for folder in (package / "tutorials", package.parents[2] / "docs" / "tutorial"):
        if found := sorted(page.parent for page in folder.glob(f"{_FOLDERS}/{_PAGE}")):
            return [Tutorial(one) for one in found]
    raise NotFound(
        "this installation of FlowKit came without its tutorials: they are in docs/tutorial of its repository"
    )


def select(name: str | None) -> Sequence[Tutorial]:
    """The tutorial of that name, or of a name that begins so; all for None.

    Raises
    ------
    click.UsageError
        If there is none.
    """
    tutorials = find_tutorials()
    if name is None:
        return tutorials
    found = [one for one in tutorials if one.name == name] or [one for one in tutorials if one.name.startswith(name)]
    if len(found) != 1:
        raise click.UsageError(f"there is no tutorial {name!r}; there are {', '.join(one.name for one in tutorials)}")
    return found


def tutorial_choice(*, required: bool = False) -> Callable[[C], C]:
    """The option that names one tutorial."""
    return click.option(
        "--episode",
        cls=FlowkitOption,
        metavar="NAME",
        required=required,
        help="Which tutorial, as 'tutorials list' names it, or the beginning of its name"
        + ("." if required else ". [default: all]"),
    )
