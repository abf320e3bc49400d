"""Files in object stores, for steps and scripts: what plugins' data tools share, and the tools themselves.

>>> from flowkit.datatools import Local
>>> with Local() as files:
...     url = files.put("/tmp/flowkit-example.txt", "hello")
...     print(files.get(url).text)
hello

The tools of a cloud come with its plugin, and are imported from here or from ``flowkit`` itself: ``S3`` from
``flowkit-aws``, for example. :mod:`flowkit.datatools.tools` says what all of them do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.lazy import is_from_import, resolve, table_of

if TYPE_CHECKING:
    from flowkit.datatools.addresses import Address
    from flowkit.datatools.arrow import arrow_filesystem
    from flowkit.datatools.data_client import ToolsDataClient
    from flowkit.datatools.error_family import ErrorFamily
    from flowkit.datatools.keys import GetObject, PutObject, RangeInfo
    from flowkit.datatools.local import Local, LocalNotFound, LocalObject, LocalURLException, read_in_chunks
    from flowkit.datatools.service import ObjectFacts, ObjectService, PutOptions, ServiceBusy, patiently
    from flowkit.datatools.stored_object import StoredObject
    from flowkit.datatools.tools import DataTools

__all__ = [
    "Address",
    "DataTools",
    "ErrorFamily",
    "GetObject",
    "Local",
    "LocalNotFound",
    "LocalObject",
    "LocalURLException",
    "ObjectFacts",
    "ObjectService",
    "PutObject",
    "PutOptions",
    "RangeInfo",
    "ServiceBusy",
    "StoredObject",
    "ToolsDataClient",
    "arrow_filesystem",
    "patiently",
    "read_in_chunks",
]

_NAMES = table_of(
    {
        "flowkit.datatools.addresses": "Address",
        "flowkit.datatools.arrow": "arrow_filesystem",
        "flowkit.datatools.data_client": "ToolsDataClient",
        "flowkit.datatools.error_family": "ErrorFamily",
        "flowkit.datatools.keys": "GetObject PutObject RangeInfo",
        "flowkit.datatools.local": "Local LocalNotFound LocalObject LocalURLException read_in_chunks",
        "flowkit.datatools.service": "ObjectFacts ObjectService PutOptions ServiceBusy patiently",
        "flowkit.datatools.stored_object": "StoredObject",
        "flowkit.datatools.tools": "DataTools",
    }
)


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return resolve(globals(), _NAMES, name)
    error = ImportError if is_from_import() else AttributeError
    if name.startswith("_"):
        raise AttributeError(f"module 'flowkit.datatools' has no attribute {name!r}")
    from flowkit.kernel.exports import missing_name
    from flowkit.kernel.registry import default_registry

    registry = default_registry()
    if name in registry.names("exports"):
        value = globals()[name] = registry.get("exports", name)
        return value
    raise error(missing_name(name, __all__, registry).replace("flowkit has", "flowkit.datatools has"), name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
