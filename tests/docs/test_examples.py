"""Every example in the how-to guides, the explanations and the README does what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.doc_examples import run_page
from support.project import Project
from support.sources import ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("how-to/*.md")),
    *sorted((ROOT / "docs").glob("explanation/*.md")),
]
#: What tells how tasks are started when nothing says how.
ABOUT_STARTS = pytest.mark.task_start("auto", reason="the page shows the choice, or the setting of a file")
SHOWING_STARTS = {"configure.md", "how-tasks-start.md"}


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[ABOUT_STARTS] if page.name in SHOWING_STARTS else []) for page in PAGES],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_a_page_does_what_it_says(page: Path, project: Project) -> None:
    run_page(page, project)


def test_most_guides_have_examples(project: Project) -> None:
    fenced = [page.name for page in PAGES if "```console" in page.read_text()]
    assert len(fenced) >= 7
