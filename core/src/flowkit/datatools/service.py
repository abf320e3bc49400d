"""What data tools ask of an object store: one request each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

import attrs

from flowkit.artifacts.remote.parallel import pause
from flowkit.artifacts.remote.requests import Download
from flowkit.datatools.addresses import Address
from flowkit.datatools.error_family import ErrorFamily
from flowkit.datatools.file_content import ObjectContent
from flowkit.errors import DataToolsError

__all__ = ["ObjectFacts", "ObjectService", "PutOptions", "ServiceBusy", "patiently"]

T = TypeVar("T")
#: Under which name the metadata that users give are stored, as JSON; underscores where a service takes no hyphen.
USER_ATTRIBUTES = "flowkit-user-attributes"
#: How often a request is tried again when the SDK has given up because the service is busy.
_MORE_ATTEMPTS = 6


@attrs.frozen
class ObjectFacts:
    """What a service says of an object."""

    #: Bytes.
    size: int
    #: What tells this state of the object from others: an etag or a generation.
    version: str
    content_type: str | None = None
    #: The headers for users' own purposes.
    metadata: Mapping[str, str] = attrs.field(factory=dict)
    encryption: str | None = None
    #: Seconds since the epoch.
    modified_at: float | None = None

    def user_metadata(self) -> dict[str, Any] | None:
        """The metadata as they were given to ``put``."""
        for name, value in self.metadata.items():
            if name.lower().replace("_", "-").endswith("-user-attributes"):
                try:
                    return dict(json.loads(value))
                except (ValueError, TypeError):
                    break
        return dict(self.metadata) or None


@attrs.frozen
class PutOptions:
    """What is stored with an object."""

    content_type: str | None = None
    metadata: Mapping[str, Any] | None = None
    encryption: str | None = None

    def headers(self) -> dict[str, str]:
        """The metadata as text under one name."""
        return {USER_ATTRIBUTES: json.dumps(dict(self.metadata))} if self.metadata else {}


class ServiceBusy(Exception):
    """The service takes no more requests at the moment, and the SDK has given up.

    Parameters
    ----------
    error
        What is raised if that doesn't end.
    """

    def __init__(self, error: DataToolsError) -> None:
        super().__init__(str(error))
        self.error = error


class ObjectService(ABC):
    """Requests to one service, over the client of this process. Called from several threads.

    Each method raises the family's errors, with the address and the mend in the message, and ServiceBusy; dropped
    connections and 5xx are tried again by the SDK first.
    """

    #: The scheme of its URLs.
    scheme: ClassVar[str]
    errors: ClassVar[ErrorFamily]
    #: Bytes. Larger objects are moved in parts of this size.
    part_size: ClassVar[int] = 8 * 1024 * 1024
    #: Bytes of a name, in UTF-8.
    longest_name: ClassVar[int] = 1024
    #: Whether an answer with content has all facts; if not, they are asked for where the caller wants them.
    facts_with_content: ClassVar[bool] = True

    def check(self, address: Address) -> None:  # noqa: B027 (most services take any name)
        """Refuse a name that the service, or the way to it, can't carry. Raises the family's ``url``."""

    @abstractmethod
    def head(self, address: Address) -> ObjectFacts:
        """Facts of an object. Raises ``not_found``."""

    @abstractmethod
    def download(
        self, address: Address, start: int, length: int | None, version: str | None
    ) -> tuple[Download, ObjectFacts] | None:
        """Ask for an object from ``start``, ``length`` bytes (more than none) or to the end.

        None if ``start`` isn't within the object. Raises ``not_found``; ObjectChanged if ``version`` is given and the
        object's is another; ConnectionDropped.
        """

    @abstractmethod
    def upload(self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool) -> bool:
        """Write an object in one request; with ``create``, False if there is one already."""

    @abstractmethod
    def upload_parts(
        self, address: Address, content: ObjectContent, options: PutOptions, *, create: bool, workers: int
    ) -> bool:
        """Write an object of more than ``part_size`` bytes, in parts at once; readers see it when it is whole."""

    @abstractmethod
    def scan(self, address: Address, *, recursive: bool) -> Iterator[tuple[str, int | None]]:
        """Names that begin with the address's, and sizes, page by page.

        Without ``recursive``, of names that have a slash after it only what goes up to that slash, with None.
        """

    @abstractmethod
    def close(self) -> None:
        """Close this process's connections, if they aren't shared."""


def patiently(call: Callable[[], T]) -> T:
    """What ``call`` returns; it is called again, after pauses that grow, as long as the service is busy.

    Raises
    ------
    DataToolsError
        If it is busy for minutes.
    """
    for failures in range(_MORE_ATTEMPTS):
        try:
            return call()
        except ServiceBusy:
            pause(failures, base=1.0, longest=30.0)
    try:
        return call()
    except ServiceBusy as busy:
        raise busy.error from busy
