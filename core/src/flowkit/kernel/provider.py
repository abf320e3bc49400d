"""One capability that a plugin offers, and how to load it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

import attrs

__all__ = ["Provider", "Scope"]

T = TypeVar("T")

#: Which command line a command belongs to: ``python flow.py NAME``, ``flowkit NAME`` or ``flowkit configure NAME``.
Scope = Literal["flow", "flowkit", "configure"]


@attrs.frozen
class Provider(Generic[T]):
    """A name, and a function that imports what the name stands for.

    >>> from flowkit.kernel.provider import Provider
    >>> def _store():
    ...     from my_package.store import RedisStore
    ...     return RedisStore
    >>> provider = Provider("redis", _store, help="Redis, for small fast artifacts")

    ``load`` isn't called before the capability is used, and then once for each registry: keep imports of SDKs in it.
    """

    #: What users write: a URL scheme, a decorator's or a command's name.
    name: str
    load: Callable[[], T]
    #: One line, shown by ``--help`` and ``flowkit plugins list``, which load nothing.
    help: str = ""
    #: Commands only.
    scope: Scope = "flow"
    #: Serializers only: dotted names of the types claimed.
    types: tuple[str, ...] = ()
    #: Serializers only: of those that claim a type, the highest is asked first.
    priority: int = 0
    #: Version of the kind's interface that this was written for; see :mod:`flowkit.kernel.kinds`.
    api_version: int = 1
    #: What a hook of a plugin's own wants to know besides.
    extra: Mapping[str, Any] = attrs.field(factory=dict)
