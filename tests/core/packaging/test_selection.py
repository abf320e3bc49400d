"""Which files are the code of a flow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowkit.errors import PackagingError
from flowkit.packaging import selection as module
from flowkit.packaging.selection import CodeSource, select, select_again


def source(folder: Path, **fields: object) -> CodeSource:
    return CodeSource("TestFlow", str(folder / "flow.py"), **fields)  # type: ignore[arg-type]


def names(folder: Path, **fields: object) -> list[str]:
    return sorted(select(source(folder, **fields)).paths)


def write(folder: Path, *files: str, text: str = "1\n") -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_files_are_chosen_by_suffix_and_so_is_the_flow_whatever_its_name(project: Path) -> None:
    write(project, "model.R", "data.RDS", "notes.txt", "a/b/deep.py", "flow")
    assert names(project) == ["a/b/deep.py", "data.RDS", "flow.py", "helper.py", "model.R"]
    assert names(project, suffixes=(".txt",)) == ["flow.py", "notes.txt"]
    chosen = select(CodeSource("TestFlow", str(project / "flow"), (".txt",)))
    assert sorted(chosen.paths) == ["flow", "notes.txt"]


def test_what_is_made_installed_or_hidden_is_left_out(project: Path) -> None:
    write(project, ".hidden/a.py", ".flowkit/b.py", "__pycache__/c.py", "node_modules/d.py")
    write(project, "env/lib/e.py", "env/pyvenv.cfg", "conda/lib/f.py", "conda/conda-meta/history")
    write(project, "pulled/g.py", f"pulled/{module.INFO_NAME}")
    write(project, ".dotted.py", "package/__init__.py")
    assert names(project) == [".dotted.py", "flow.py", "helper.py", "package/__init__.py"]


def test_a_flow_in_an_environment_is_packed_all_the_same(project: Path) -> None:
    write(project, "pyvenv.cfg", module.INFO_NAME)
    assert names(project) == ["flow.py", "helper.py"]


def test_links_are_followed_and_loops_end(project: Path, tmp_path: Path) -> None:
    write(tmp_path / "shared", "lib/one.py", "two.py")
    (project / "lib").symlink_to(tmp_path / "shared/lib")
    (project / "other.py").symlink_to(tmp_path / "shared/two.py")
    (project / "sub").mkdir()
    (project / "sub/up").symlink_to(project)
    (project / "self").symlink_to(".")
    (project / "nowhere.py").symlink_to("gone.py")
    (project / "round.py").symlink_to("round.py")
    assert names(project) == ["flow.py", "helper.py", "lib/one.py", "other.py"]


def test_two_links_to_one_folder_are_both_there(project: Path, tmp_path: Path) -> None:
    write(tmp_path / "shared", "one.py")
    for name in ("a", "b"):
        (project / name).symlink_to(tmp_path / "shared")
    assert names(project) == ["a/one.py", "b/one.py", "flow.py", "helper.py"]


def test_what_is_no_file_is_left_out(project: Path) -> None:
    os.mkfifo(project / "pipe.py")
    assert names(project) == ["flow.py", "helper.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_left_out(project: Path) -> None:
    write(project, "closed/a.py")
    (project / "closed").chmod(0)
    assert names(project) == ["flow.py", "helper.py"]
    (project / "closed").chmod(0o700)


def test_an_ignore_file_has_the_form_of_a_gitignore(project: Path) -> None:
    write(project, "data/a.py", "data/keep.py", "gen/x.py", "sub/gen/y.py", "sub/own.py", "sub/other.py", "big.py")
    (project / ".flowkitignore").write_text("# notes\ndata/*\n!data/keep.py\n/gen/\nbig.*\n")
    (project / "sub/.flowkitignore").write_text("own.py\n")
    chosen = select(source(project))
    assert sorted(chosen.paths) == ["data/keep.py", "flow.py", "helper.py", "sub/gen/y.py", "sub/other.py"]
    assert chosen.ignored == {"data/a.py", "gen", "big.py", "sub/own.py"}
    # Known already, it isn't asked again, and the answer is the same.
    again = select_again(source(project), chosen.ignored)
    assert (again.paths, again.states, again.rules) == (chosen.paths, chosen.states, chosen.rules)


def test_an_ignore_file_of_a_folder_is_not_for_its_neighbours(project: Path) -> None:
    write(project, "a/x.py", "b/x.py")
    (project / "a/.flowkitignore").write_text("x.py\n")
    assert names(project) == ["b/x.py", "flow.py", "helper.py"]


def test_the_flow_itself_cannot_be_ignored(project: Path) -> None:
    (project / ".flowkitignore").write_text("*\n")
    assert names(project) == ["flow.py"]


def test_an_ignore_file_that_is_no_text_is_named(project: Path) -> None:
    (project / ".flowkitignore").write_bytes(b"\xff\xfe\0")
    with pytest.raises(PackagingError, match=r"\.flowkitignore can't be used"):
        select(source(project))


def test_a_flow_that_is_gone_is_named(project: Path) -> None:
    (project / "flow.py").unlink()
    with pytest.raises(PackagingError, match=r"the code of TestFlow can't be read: .*flow\.py"):
        select(source(project))


def test_a_tree_that_is_no_project_is_given_up(project: Path) -> None:
    assert len(select(source(project), most=3).paths) == 2
    write(project, "sub/a.py", "sub/b.py")
    with pytest.raises(PackagingError, match=r"more than 3 files and folders in .*\.flowkitignore.*CODE_MAX_ENTRIES"):
        select(source(project), most=3)
    # What is left out isn't looked into.
    (project / ".flowkitignore").write_text("sub/\n")
    assert len(select(source(project), most=4).paths) == 2


# --- what decorators add -----------------------------------------------------------------------------------------


def added(project: Path, path: Path, name: str) -> list[str]:
    return names(project, added=((str(path), name, "@fetch"),))


def test_files_and_folders_are_added_under_the_names_given(project: Path, tmp_path: Path) -> None:
    write(tmp_path / "model", "weights.bin", "sub/config.json", "__pycache__/x.pyc")
    assert "w.bin" in added(project, tmp_path / "model/weights.bin", "w.bin")
    assert [one for one in added(project, tmp_path / "model", "m/") if one.startswith("m/")] == [
        "m/sub/config.json",
        "m/weights.bin",
    ]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".", ".."])
def test_no_name_leads_out_of_the_archive(project: Path, name: str) -> None:
    with pytest.raises(PackagingError, match=r"@fetch adds a file to the package as .*: a name there is relative"):
        added(project, project / "helper.py", name)


def test_a_file_that_is_not_there_is_named(project: Path) -> None:
    with pytest.raises(PackagingError, match=r"@fetch adds .*gone\.bin to the package, which can't be read"):
        added(project, project / "gone.bin", "x")


def test_two_files_of_one_name_must_be_equal(project: Path, tmp_path: Path) -> None:
    same, other = tmp_path / "same.py", tmp_path / "other.py"
    same.write_text("x = 1\n")
    other.write_text("x = 2\n")
    assert added(project, same, "helper.py") == ["flow.py", "helper.py"]
    assert added(project, project / "helper.py", "helper.py") == ["flow.py", "helper.py"]
    with pytest.raises(PackagingError, match=r"as 'helper\.py', which is .*helper\.py already"):
        added(project, other, "helper.py")
