"""The tutorials are run as their pages say, from the files that users get."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.doc_examples import run_page
from support.need import need_module
from support.project import Project
from support.sources import ROOT

TUTORIALS = sorted(page.parent for page in (ROOT / "docs/tutorial").glob("[0-9][0-9]-*/README.md"))


def test_all_are_found() -> None:
    assert [folder.name for folder in TUTORIALS][:4] == ["00-hello", "01-table", "02-statistics", "03-parameters"]


@pytest.mark.parametrize("folder", TUTORIALS, ids=lambda folder: folder.name)
def test_a_tutorial_does_what_its_page_says(folder: Path, project: Project) -> None:
    if folder.name != "00-hello":
        need_module("sklearn")
        need_module("pandas")
    for file in folder.glob("*.py"):
        shutil.copy(file, project.path)
    assert run_page(folder / "README.md", project) >= 2
