"""What the README says to type is there."""

from __future__ import annotations

import re
import subprocess

from support.need import need_program
from support.sources import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_targets_of_make_that_it_names_are_there() -> None:
    make = need_program("make")
    named = sorted(set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", TEXT, re.MULTILINE)))
    assert {"demo", "test"} <= set(named)
    for target in named:
        done = subprocess.run([make, "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_files_and_folders_that_it_names_are_there() -> None:
    for path in re.findall(r"`(?:pip install )?\.?/?((?:core|docs|examples|plugins)/[\w./]*)`", TEXT):
        assert (ROOT / path).exists(), path
    assert re.search(r"examples/digits\.py", TEXT)


def test_the_demo_is_the_example_that_it_names() -> None:
    done = subprocess.run(["make", "-n", "demo"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "examples/digits.py run" in done.stdout
