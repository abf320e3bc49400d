"""The archive: equal code is equal bytes, and nothing is written outside of the folder that it is unpacked to."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.errors import CorruptedBlobError, PackagingError
from flowkit.packaging.archive import CodeArchive, make_archive, write_archive
from flowkit.packaging.selection import INFO_NAME, CodeSource, select

#: Names that files can have on this system, unlike each other in whatever case.
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..", INFO_NAME) and len(name.encode()) < 100
)


def archive_of(folder: Path, flow: str = "TestFlow") -> CodeArchive:
    source = CodeSource(flow, str(folder / "flow.py"))
    return CodeArchive(make_archive(source, select(source)))


def test_an_archive_holds_the_files_and_what_they_are(project: Path) -> None:
    archive = archive_of(project)
    assert archive.files() == {"flow.py": b"import helper\n", "helper.py": b"x = 1\n"}
    assert archive.info == {"format": 1, "flow": "TestFlow", "script": "flow.py"}
    assert archive.read("helper.py") == b"x = 1\n"
    with pytest.raises(PackagingError, match=r"no 'gone\.py'"):
        archive.read("gone.py")


def test_equal_code_is_equal_bytes_wherever_and_whenever_it_was_written(project: Path, tmp_path: Path) -> None:
    first = archive_of(project)
    other = tmp_path / "elsewhere"
    shutil.copytree(project, other)
    os.utime(other / "helper.py", (1, 1))
    (other / "flow.py").chmod(0o600)
    assert archive_of(other).sha256 == first.sha256
    (other / "helper.py").chmod(0o755)
    assert archive_of(other).sha256 != first.sha256
    assert archive_of(project, "OtherFlow").sha256 != first.sha256


def test_the_archive_is_one_that_every_tool_reads(project: Path) -> None:
    (project / "helper.py").chmod(0o755)
    content = archive_of(project).content
    assert content[4:8] == b"\0\0\0\0"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as opened:
        members = {member.name: member for member in opened.getmembers()}
    assert [member.mtime for member in members.values()] == [0, 0, 0]
    assert {member.uid for member in members.values()} == {0}
    assert members["helper.py"].mode == 0o755
    assert members["flow.py"].mode == 0o644


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=5))
def test_what_is_packed_is_what_is_unpacked(files: dict[str, bytes]) -> None:
    archive = CodeArchive(write_archive((name, files[name], False) for name in sorted(files)))
    assert archive.files() == files
    assert CodeArchive.checked(archive.content, archive.sha256, "here").files() == files


def test_a_changed_archive_is_refused(project: Path) -> None:
    archive = archive_of(project)
    changed = bytearray(archive.content)
    changed[20] ^= 1
    with pytest.raises(CorruptedBlobError, match="the code at x isn't what was stored"):
        CodeArchive.checked(bytes(changed), archive.sha256, "at x")


def test_unpacking_leaves_the_description_out_unless_it_is_asked_for(project: Path, tmp_path: Path) -> None:
    archive = archive_of(project)
    archive.unpack(tmp_path / "a")
    archive.unpack(tmp_path / "b", with_info=True)
    assert sorted(os.listdir(tmp_path / "a")) == ["flow.py", "helper.py"]
    assert sorted(os.listdir(tmp_path / "b")) == [INFO_NAME, "flow.py", "helper.py"]


def hostile(kind: str) -> CodeArchive:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo("x")
        if kind == "climbing":
            member.name = "../x"
        elif kind == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "../../etc/passwd"
        elif kind == "device":
            member.type = tarfile.CHRTYPE
        archive.addfile(member)
    return CodeArchive(made.getvalue())


@pytest.mark.parametrize("kind", ["climbing", "link", "device"])
def test_a_hostile_archive_is_not_unpacked(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "target"
    with pytest.raises(PackagingError, match="can't be unpacked"):
        hostile(kind).unpack(target)
    assert not (tmp_path / "x").exists()
    assert not target.exists() or not os.listdir(target)


def test_an_absolute_name_stays_in_the_folder(tmp_path: Path) -> None:
    made = io.BytesIO()
    outside = tmp_path / "outside"
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(str(outside)))
    CodeArchive(made.getvalue()).unpack(tmp_path / "target")
    assert not outside.exists()


def test_a_file_that_goes_while_it_is_packed_is_named(project: Path) -> None:
    source = CodeSource("TestFlow", str(project / "flow.py"))
    selection = select(source)
    (project / "helper.py").unlink()
    with pytest.raises(PackagingError, match=r"helper\.py can't be read"):
        make_archive(source, selection)
