"""The runner of examples finds pages that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.doc_examples import blocks_of, run_page
from support.project import Project

FILE = "```python\n# hi.py\nprint('hi')\n```\n"


def page_of(tmp_path: Path, text: str) -> Path:
    page = tmp_path / "page.md"
    page.write_text(text)
    return page


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ python hi.py\nhi\n```",
        "```console\n$ python hi.py; echo 1; echo 2\nhi\n...\n```",
        "```console\n$ python hi.py\n...\n```",
        "```console\n$ echo a b c\na ... c\n$ true\n```",
        "```console exit=3\n$ echo x\nx\n$ exit 3\n```",
        "```python\nx = 1, 2\nx  # => (1, 2)\n1, 'a'  # => (1, ...)\n```",
        "```text\nnot run\n```",
    ],
)
def test_a_page_that_is_right(tmp_path: Path, project: Project, text: str) -> None:
    run_page(page_of(tmp_path, FILE + text), project)


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ python hi.py\nho\n```",
        "```console\n$ python hi.py\n```",
        "```console\n$ python hi.py\nhi\nmore\n```",
        "```console\n$ python hi.py; echo 1\nhi\n```",
        "```console\n$ exit 3\n```",
        "```console exit=1\n$ exit 3\n```",
        "```console exit=1\n$ exit 1\n$ exit 1\n```",
        "```console\nno command\n```",
        "```python\n1 + 1  # => 3\n```",
        "```python\nraise ValueError\n```",
        "```ruby\nputs 1\n```",
    ],
)
def test_a_page_that_is_wrong(tmp_path: Path, project: Project, text: str) -> None:
    with pytest.raises(AssertionError):
        run_page(page_of(tmp_path, FILE + text), project)


def test_blocks_know_their_place_and_file(tmp_path: Path) -> None:
    text = 'a\n\n```toml title="x.toml"\na = 1\n```\n\n- b\n\n  ```python\n  if x:\n      y\n  ```\n'
    one, two = blocks_of(page_of(tmp_path, text))
    assert (one.line, one.file_name, one.text) == (3, "x.toml", "a = 1\n")
    assert (two.line, two.file_name, two.text) == (9, None, "if x:\n    y\n")
