"""The guide to files in this cloud shows what happens."""

from __future__ import annotations

import os
from typing import Any

from flowkit_azure import data_tools
from support.doc_files import write_files
from support.project import Project
from support.sources import ROOT

PAGE = "how-to/files-in-azure.md"


def test_files(container: Any, project: Project) -> None:
    assert write_files(PAGE, project, {"CONTAINER": str(container.container_name)}) == ["files.py"]
    names = [name for name in os.environ if name.startswith("FLOWKIT_")]
    shown = project.python("files.py", env={name: os.environ[name] for name in names}, check=True)
    assert shown.stdout == "['two', 'one']\nne\n"


def test_each_error_is_in_the_guide() -> None:
    text = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    errors = [name for name in data_tools.__all__ if issubclass(getattr(data_tools, name), Exception)]
    assert len(errors) == 7
    assert not [name for name in errors if f"| `{name}` |" not in text]
