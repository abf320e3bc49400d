"""Files that were fetched have safe names, and go away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.datatools.temporary import TemporaryFiles


@given(st.text(max_size=300))
def test_a_name_stays_in_the_folder(name: str) -> None:
    files = TemporaryFiles(None, "test")
    try:
        first, second = files.new_file(name), files.new_file(name)
        assert first != second
        assert first.parent == second.parent
        assert first.name.isascii()
        assert len(first.name) < 80
        assert not set(first.name) & set("/\\ \n\0")
        first.touch()
    finally:
        files.remove()
    assert not first.parent.exists()


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("a/b/train.csv.gz", "-train.csv.gz"),
        ("../../etc/passwd", "-passwd"),
        ("..", ""),
        (".hidden", "-hidden"),
        ("a b.txt", "-b.txt"),
        ("x" * 200 + ".json", "-" + "x" * 55 + ".json"),
        ("", ""),
    ],
)
def test_the_end_of_a_name_is_kept(name: str, tail: str, tmp_path: Path) -> None:
    """So that programs that go by a suffix know what it is."""
    files = TemporaryFiles(tmp_path, "test")
    assert files.new_file(name).name == f"000001{tail}"
    files.remove()


def test_the_interpreters_end_removes_them(tmp_path: Path) -> None:
    program = "import sys; from flowkit.datatools.temporary import TemporaryFiles as T; f = T(sys.argv[1], 'test')"
    subprocess.run([sys.executable, "-c", f"{program}; f.new_file('x').touch()", str(tmp_path)], check=True)
    assert list(tmp_path.glob("flowkit-*")) == []


def test_folders_of_others_are_left(tmp_path: Path) -> None:
    """Those with no lock, or of another kind."""
    for name in ("flowkit-test-1", "flowkit-other-1", "flowkit-test-link"):
        folder = tmp_path / name
        if name.endswith("link"):
            folder.symlink_to(tmp_path)
        else:
            folder.mkdir()
            (folder / "file").touch()
    (tmp_path / "flowkit-other-1" / ".lock").touch()
    files = TemporaryFiles(tmp_path, "test")
    files.new_file("x")
    assert len(list(tmp_path.glob("flowkit-*"))) == 4
    files.remove()


def test_a_child_leaves_its_parents_files(tmp_path: Path) -> None:
    files = TemporaryFiles(tmp_path, "test")
    path = files.new_file("x")
    path.touch()
    if (pid := os.fork()) == 0:
        files.remove()
        os._exit(0 if files.new_file("y").parent != path.parent else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert path.exists()
    files.remove()
