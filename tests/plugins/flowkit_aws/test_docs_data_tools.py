"""The guides to files and tables in S3 show what happens."""

from __future__ import annotations

import os

import pytest

from flowkit_aws import data_tools
from support.doc_files import write_files
from support.need import need_module
from support.project import Project
from support.sources import ROOT


@pytest.fixture
def environment(aws: str, bucket: str) -> dict[str, str | None]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_REGION")
    return {
        **{name: os.environ[name] for name in names},
        "FLOWKIT_S3_ENDPOINT_URL": aws,
        "FLOWKIT_DATATOOLS_S3ROOT": f"s3://{bucket}/data",
    }


def test_files(project: Project, environment: dict[str, str | None], bucket: str) -> None:
    assert write_files("how-to/files-in-s3.md", project, {"BUCKET": bucket}) == ["files.py", "read.py", "anywhere.py"]
    shown = project.python("files.py", "run", env=environment, check=True)
    assert "one.txt 1 1" in shown.stdout
    assert "two.txt 2 22" in shown.stdout
    assert project.python("read.py", env=environment, check=True).stdout == (
        "['part/one.txt', 'part/two.txt']\nb'22'\n"
    )
    assert project.python("anywhere.py", env=environment, check=True).stdout.splitlines() == [
        f"s3://{bucket}/folder/model.bin {{'trained': [2024, 5]}}",
        "234 89",
        "[True, False]",
        f"there is no s3://{bucket}/folder/none",
        "text",
    ]


def test_tables(project: Project, environment: dict[str, str | None], bucket: str) -> None:
    need_module("pyarrow")
    assert write_files("how-to/read-tables-by-predicate.md", project, {"BUCKET": bucket}) == ["query.py"]
    shown = project.python("query.py", env=environment, check=True)
    assert shown.stdout == "[{'price': 9}]\n[{'name': 'b', 'price': 5}]\n"


def test_each_error_is_in_the_guide() -> None:
    text = (ROOT / "docs/how-to/files-in-s3.md").read_text(encoding="utf-8")
    errors = [name for name in data_tools.__all__ if issubclass(getattr(data_tools, name), Exception)]
    assert len(errors) == 7
    assert not [name for name in errors if f"| `{name}` |" not in text]
