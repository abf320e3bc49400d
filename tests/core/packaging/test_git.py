"""What git says of a flow's folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flowkit.packaging.git import Repository, without_credentials
from flowkit.packaging.selection import CodeSource, select
from support.need import need_program


@pytest.fixture
def repository(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The project's folder as a repository with one commit, out of reach of the user's own settings."""
    need_program("git")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "me")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "me@example.com")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "all")
    return project


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def names(folder: Path) -> list[str]:
    return sorted(select(CodeSource("TestFlow", str(folder / "flow.py"))).paths)


def write(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1\n")


def test_what_git_ignores_stays_out_and_what_is_new_is_in(repository: Path) -> None:
    (repository / ".gitignore").write_text("secret*.py\nbuild/\n")
    write(repository, "secret1.py", "build/made.py", "new.py", "sub/secret2.py", "sub/ok.py")
    (repository / "sub/.gitignore").write_text("local.py\n")
    write(repository, "sub/local.py")
    assert names(repository) == ["flow.py", "helper.py", "new.py", "sub/ok.py"]


def test_a_file_that_is_tracked_is_not_ignored(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.R\n")
    write(repository, "tracked.R", "other.R")
    git(repository, "add", "-f", "tracked.R")
    assert names(repository) == ["flow.py", "helper.py", "tracked.R"]


def test_our_own_ignore_file_brings_back_what_git_ignores(repository: Path) -> None:
    (repository / ".gitignore").write_text("generated_*.py\ngen/\n")
    (repository / ".flowkitignore").write_text("!generated_api.py\n!gen/\nhelper.py\n")
    write(repository, "generated_api.py", "generated_other.py", "gen/x.py")
    assert names(repository) == ["flow.py", "gen/x.py", "generated_api.py"]


def test_a_flow_below_the_top(repository: Path) -> None:
    write(repository, "flows/flow.py", "flows/a.py", "flows/tmp.py")
    (repository / ".gitignore").write_text("tmp.py\n")
    assert names(repository / "flows") == ["a.py", "flow.py"]


@pytest.mark.parametrize("folder", ["scratch", "scratch/deep"])
def test_a_flow_in_a_folder_that_git_ignores_is_packed_whole(repository: Path, folder: str) -> None:
    (repository / ".gitignore").write_text("scratch/\n")
    write(repository, f"{folder}/flow.py", f"{folder}/own.py")
    assert names(repository / folder) == ["flow.py", "own.py"]


def test_a_repository_in_the_repository_is_packed(repository: Path) -> None:
    write(repository, "inner/a.py")
    git(repository / "inner", "init", "-q")
    assert names(repository) == ["flow.py", "helper.py", "inner/a.py"]


def test_without_git_all_is_packed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".gitignore").write_text("helper.py\n")
    monkeypatch.setenv("PATH", "")
    found = Repository.of(str(repository))
    assert found is not None
    assert found.facts() == {}
    # It is tracked; an ignored one is in, too.
    write(repository, "x.py")
    assert names(repository) == ["flow.py", "helper.py", "x.py"]


def test_no_repository(project: Path) -> None:
    assert Repository.of(str(project)) is None


def test_facts(repository: Path) -> None:
    found = Repository.of(str(repository))
    assert found is not None
    commit = git(repository, "rev-parse", "HEAD")
    assert found.facts() == {"commit": commit, "branch": "main", "dirty": False}
    write(repository, "untracked.py")
    assert found.facts()["dirty"] is False
    write(repository, "helper.py")
    assert found.facts()["dirty"] is True
    git(repository, "remote", "add", "upstream", "https://me:secret@example.com/up.git")
    assert found.facts()["remote"] == "https://example.com/up.git"
    git(repository, "remote", "add", "origin", "git@example.com:team/flows.git")
    git(repository, "checkout", "-q", "--detach")
    assert found.facts() == {"commit": commit, "dirty": True, "remote": "git@example.com:team/flows.git"}


def test_facts_before_the_first_commit(project: Path, repository: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q", "-b", "main")
    found = Repository.of(str(fresh))
    assert found is not None
    assert found.facts() == {"branch": "main", "dirty": False}


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://token@example.com/a.git", "https://example.com/a.git"),
        ("https://me:p@ss@example.com:8443/a.git", "https://example.com:8443/a.git"),
        ("https://example.com/a.git?private_token=x#y", "https://example.com/a.git"),
        ("ssh://git:secret@example.com:22/a.git", "ssh://git@example.com:22/a.git"),
        ("git@example.com:a.git", "git@example.com:a.git"),
        ("me:secret@example.com:a.git", "me@example.com:a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("../a@b.git", "../a@b.git"),
        ("", ""),
    ],
)
def test_a_remote_is_told_without_what_opens_it(url: str, safe: str) -> None:
    assert without_credentials(url) == safe
