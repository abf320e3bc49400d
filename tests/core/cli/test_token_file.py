"""The file of the tokens that a user knows."""

from __future__ import annotations

from pathlib import Path

from flowkit.cli.deploying.tokens import TokenFile
from support.project import Project
from support.stopped_before import has_stopped, resumed, stopped_before

PROGRAM = """
import sys
from pathlib import Path
from flowkit.cli.deploying.tokens import TokenFile

TokenFile(Path("kept")).put("local", sys.argv[1], f"token-of-{sys.argv[1]}")
"""


def test_two_commands_at_once_each_keep_their_token(project: Project) -> None:
    project.write("put.py", PROGRAM)
    with stopped_before(project, "os:replace", "put.py", "one") as one:
        assert has_stopped(one)
        # It stops where it would wait, or ends.
        with stopped_before(project, "fcntl:flock", "put.py", "other") as other:
            has_stopped(other)
            resumed(one)
            resumed(other)
            assert (one.returncode, other.returncode) == (0, 0)
    kept = TokenFile(Path(project.path, "kept"))
    assert [kept.get("local", name) for name in ("one", "other")] == ["token-of-one", "token-of-other"]
