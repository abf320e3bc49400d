"""Blobs of Azure that are sent in blocks."""

from __future__ import annotations

import base64
import uuid
from typing import Any, Protocol

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock

from flowkit.plugin import ObjectContent, map_in_order
from flowkit_azure.failures import code_of

__all__ = ["upload_blocks"]

#: How many blocks a blob can have.
_MOST_BLOCKS = 50_000
#: How often blocks are sent again after another writer of the same blob has dropped them.
_ROUNDS = 4


class _Sizes(Protocol):
    @property
    def part_size(self) -> int:
        """Bytes."""

    @property
    def part_workers(self) -> int:
        """Blocks at once."""


def upload_blocks(blob: Any, content: ObjectContent, sizes: _Sizes, *, create: bool, **options: Any) -> None:
    """Upload in blocks, several at once; the blob appears when all are there, or not at all.

    A writer that commits a blob drops the blocks that others have sent of it: they find out when they commit, and
    begin again, to be told that the blob is there, or to replace it. Blocks that are never committed, the service
    drops after a week.

    Parameters
    ----------
    options
        What is stored with the blob, as the SDK names it.
    """
    condition = {"match_condition": MatchConditions.IfMissing} if create else {}
    for rounds_left in reversed(range(_ROUNDS)):
        blocks = _send(blob, content, sizes, options)
        try:
            blob.commit_block_list(blocks, **condition, **options)
            return
        except HttpResponseError as error:
            if code_of(error) != "InvalidBlockList" or not rounds_left:
                raise


def _send(blob: Any, content: ObjectContent, sizes: _Sizes, options: dict[str, Any]) -> list[BlobBlock]:
    scope = {name: value for name, value in options.items() if name == "encryption_scope"}
    size = max(sizes.part_size, -(-content.size // _MOST_BLOCKS))
    upload = uuid.uuid4().hex

    def send(numbered: tuple[int, ObjectContent]) -> BlobBlock:
        number, part = numbered
        block_id = base64.b64encode(f"{upload}{number:06d}".encode()).decode()
        blob.stage_block(block_id, part, length=part.size, **scope)
        return BlobBlock(block_id)

    return list(map_in_order(send, enumerate(content.split(size)), sizes.part_workers))
