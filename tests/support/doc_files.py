"""Writes the files that a page of documentation shows, for tests that run them with what the page takes for granted."""

from __future__ import annotations

from support.doc_examples import blocks_of
from support.project import Project
from support.sources import ROOT

__all__ = ["write_files"]


def write_files(page: str, project: Project, names: dict[str, str]) -> list[str]:
    """Write the files of ``docs/<page>``, with placeholders replaced; their names.

    Parameters
    ----------
    names
        What to write in place of what, such as BUCKET.
    """
    written = []
    for block in blocks_of(ROOT / "docs" / page):
        if block.file_name:
            text = block.text
            for placeholder, name in names.items():
                text = text.replace(placeholder, name)
            project.write(block.file_name, text)
            written.append(block.file_name)
    return written
