"""Copies of blobs, made on the service's side."""

from __future__ import annotations

import time
from typing import Any

from flowkit.plugin import DatastoreError

__all__ = ["copy_blob"]

#: Seconds between questions whether a copy is done, and until it is given up; within an account it is done at once.
_PAUSE = 0.2
_PATIENCE = 3600.0


def copy_blob(source: Any, target: Any) -> bool:
    """Copy a blob to another of the same account, and wait until it is whole.

    Raises
    ------
    AzureError
        As the SDK does.
    DatastoreError
        If the service gave the copy up.
    """
    status = target.start_copy_from_url(source.url)["copy_status"]
    deadline = time.monotonic() + _PATIENCE
    while status == "pending" and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        status = target.get_blob_properties().copy.status
    if status != "success":
        raise DatastoreError(f"copying {source.blob_name} in {source.container_name} ended as {status!r}: try again")
    return True
