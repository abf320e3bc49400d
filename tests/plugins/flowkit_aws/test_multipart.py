"""Uploads in parts whose beginning is answered by half."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit.errors import DatastoreError
from flowkit.plugin import RemoteObject
from flowkit_aws.multipart import copy_object

LARGE = RemoteObject("from", 6 * 1024**3, 0.0)


class Service:
    """Answers as S3 does, but for the first answers to the beginning of an upload, which were cut short."""

    def __init__(self, cut: int) -> None:
        self._cut = cut
        self.asked: list[str] = []

    def __call__(self, operation: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation == "create_multipart_upload":
            self._cut -= 1
            return {} if self._cut >= 0 else {"UploadId": "7"}
        assert arguments["UploadId"] == "7"
        return {"CopyPartResult": {"ETag": "e"}}


def test_an_answer_without_the_id_is_asked_for_again() -> None:
    service = Service(cut=2)
    copy_object(service, "bucket", LARGE, "to")
    assert service.asked.count("create_multipart_upload") == 3
    assert service.asked[-1] == "complete_multipart_upload"


def test_without_an_id_the_object_is_named() -> None:
    with pytest.raises(DatastoreError, match=r"to can't be uploaded.*3 times"):
        copy_object(Service(cut=9), "bucket", LARGE, "to")
