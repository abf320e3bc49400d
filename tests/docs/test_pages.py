"""Pages of the documentation: generated ones are up to date, links lead somewhere, and all of --help is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import flowkit
from support.project import Project
from support.sources import ROOT

PAGES = sorted(file for file in (ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)]*)?\)")
#: Folders of a machine, which no page should name as if a reader had them.
MACHINE = re.compile(r"(?<![\w/.])/(home|root|work|Users|opt|usr|mnt)/")


@pytest.mark.parametrize(
    "script", ["write_cli_reference.py", "write_api_reference.py", "write_data_tools_reference.py"]
)
def test_a_generated_page_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match[1] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_no_folder_of_a_machine(page: Path) -> None:
    assert not MACHINE.search(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", ["how-to", "tutorial", "reference", "explanation"])
def test_each_page_is_named_in_an_index(folder: str) -> None:
    index = (ROOT / "docs" / folder / "README.md").read_text(encoding="utf-8")
    pages = [page for page in (ROOT / "docs" / folder).rglob("*.md") if page != ROOT / "docs" / folder / "README.md"]
    unnamed = [page.name for page in pages if f"({page.relative_to(ROOT / 'docs' / folder)})" not in index]
    assert unnamed == []


def test_every_public_name_is_in_the_reference() -> None:
    pages = (ROOT / "docs/reference/api.md").read_text() + (ROOT / "docs/reference/errors.md").read_text()
    for name in set(flowkit.__all__) - {"__version__"}:
        assert f"## {name}\n" in pages or f"| `{name}` |" in pages, name


@pytest.mark.parametrize("command", ["run", "resume", "show", "check", "logs", "dump", "tag", "output-dot"])
def test_every_option_of_help_is_in_the_reference(project: Project, command: str) -> None:
    project.write("flow.py", "from flowkit import FlowSpec\nclass F(FlowSpec):\n    pass\nF()\n")
    shown = project.run(command, "--help", check=True).stdout
    page = (ROOT / "docs/reference/cli.md").read_text()
    assert f"### python FLOW.py {command}\n" in page
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", shown, re.MULTILINE)
    assert [option for option in options if option != "--help" and option not in page] == []
