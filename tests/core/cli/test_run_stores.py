"""Where a run stores and records, as the options say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture
def talker(project: Project) -> Project:
    project.write("flow.py", TALKER)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def test_the_datastore_root_and_the_metadata_can_be_elsewhere(talker: Project, tmp_path: Path) -> None:
    root, records = tmp_path / "artifacts", tmp_path / "records"
    where = ["--datastore-root", str(root), "--metadata", f"local@{records}"]
    talker.run(*where, "run", "--run-id-file", "id", check=True)
    assert (root / "Talker").is_dir()
    assert records.exists()
    assert not talker.store.exists()
    # The run's own record says where its artifacts are.
    assert "total: int = 2" in talker.run(*where[2:], "dump", f"{run_id(talker)}/join", check=True).stdout


@pytest.mark.parametrize("option", ["--datastore", "--metadata"])
def test_an_unknown_store_names_those_that_there_are(talker: Project, option: str) -> None:
    done = talker.run(option, "s4", "run")
    assert done.returncode == 2
    assert "'s4'" in done.stderr
    assert "local" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plugins_datastore_and_metadata_provider_are_taken_by_name(talker: Project) -> None:
    talker.write(
        "flowkit_plugins.py",
        """
        from flowkit.plugin import Provider, hookimpl

        def store():
            from flowkit.builtin.local_datastore import LocalDatastore
            return type("Other", (LocalDatastore,), {"name": "other"})

        def records():
            from flowkit.builtin.sqlite_metadata import SQLiteMetadata
            return type("Ledger", (SQLiteMetadata,), {"name": "ledger"})

        @hookimpl
        def flowkit_datastores():
            yield Provider("other", store, help="Another")

        @hookimpl
        def flowkit_metadata_providers():
            yield Provider("ledger", records, help="Another")
        """,
    )
    given = ["--datastore", "other", "--datastore-root", "artifacts", "--metadata", "ledger@records"]
    talker.run(*given, "run", "--run-id-file", "id", check=True)
    assert (talker.path / "artifacts" / "Talker").is_dir()
    assert not talker.store.exists()
    shown = talker.run("dump", f"{run_id(talker)}/join", check=True, env={"FLOWKIT_METADATA": "ledger@records"})
    assert "total: int = 2" in shown.stdout


def test_the_id_file_is_there_before_the_first_task(talker: Project) -> None:
    talker.write("flow.py", TALKER.replace("print(self.word)", "print('id', open('id').read() == current.run_id)"))
    assert "] id True" in talker.run("run", "--run-id-file", "id", check=True).stdout


def test_an_id_file_that_cant_be_written(talker: Project) -> None:
    done = talker.run("run", "--run-id-file", "no/such/folder/id")
    assert done.returncode == 1
    assert "--run-id-file no/such/folder/id can't be written" in done.stderr
    assert "hello" not in done.stdout


@pytest.mark.parametrize("option", ["--run-id-file", "--runner-attribute-file"])
@pytest.mark.parametrize("folder", ["/", ".", "flows"])
def test_a_folder_where_a_file_is_to_be_written(talker: Project, option: str, folder: str) -> None:
    (talker.path / "flows").mkdir()
    done = talker.run("run", option, folder)
    assert done.returncode == 1
    assert f"{option} {folder} can't be written: it is a folder; name a file in it" in done.stderr
    assert os.listdir(talker.path / "flows") == []
