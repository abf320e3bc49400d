"""What a test needs from the machine: where it isn't there the test is skipped, or fails if all must be there."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest

__all__ = ["missing", "need_module", "need_program"]


def missing(what: str) -> NoReturn:
    """Skip the test; with FLOWKIT_TEST_REQUIRE_ALL=1, as in the project's own checks, fail it."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is missing, and FLOWKIT_TEST_REQUIRE_ALL is set", pytrace=False)
    pytest.skip(f"{what} is missing")


def need_program(name: str) -> str:
    """Path of a program."""
    return shutil.which(name) or missing(f"the program {name}")


def need_module(name: str) -> None:
    """A module that can be imported."""
    if importlib.util.find_spec(name) is None:
        missing(f"the module {name}")


#: Read when tests are collected: tests take FLOWKIT_ variables away from the environment.
REQUIRE_ALL = os.environ.get("FLOWKIT_TEST_REQUIRE_ALL", "") not in ("", "0")
