"""Writes docs/reference/data-tools.md from the docstrings of the data tools.

With --check, fails if the file is out of date.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference_text import as_markdown, one_line, write_page
from write_api_reference import section, signature

from flowkit import datatools
from flowkit_aws import data_tools as aws
from flowkit_azure import data_tools as azure
from flowkit_gcp import data_tools as gcp

PAGE = Path(__file__).parent.parent / "docs/reference/data-tools.md"

HEAD = """\
# Data tools

This page is written by `scripts/write_data_tools_reference.py` from docstrings. The tools of each cloud have the same
methods; `from flowkit import S3`, `AzureBlob` or `GS` gives them where the cloud's plugin is installed. Guides:
[S3](../how-to/files-in-s3.md), [Azure](../how-to/files-in-azure.md), [Google Cloud](../how-to/files-in-gcs.md),
[tables by predicate](../how-to/read-tables-by-predicate.md).
"""
CLOUDS = ((aws, "S3"), (azure, "AzureBlob"), (gcp, "GS"))


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for module, tool in CLOUDS:
        kind = getattr(module, tool)
        parts.append(f"\n## {tool}\n\n    {tool}{signature(kind)}\n\n{as_markdown(inspect.getdoc(kind) or '')}\n")
    parts += ["\n## Methods\n\nOf each of them.\n", *methods(datatools.DataTools)]
    parts += ["\n## Objects\n\nWhat methods take and return, under the names of each cloud: "]
    names = ("GetObject", "PutObject", "Object")
    parts += [", ".join(f"`{tool}{name}`" for _, tool in CLOUDS for name in names) + ".\n"]
    for name in ("GetObject", "PutObject", "RangeInfo", "StoredObject", "Local", "LocalObject", "read_in_chunks"):
        parts += [text.replace("\n## ", "\n### ") for text in section(name, getattr(datatools, name))]
    parts += ["\n## Errors\n\n| class | headline | based on | when |\n|---|---|---|---|\n", *errors()]
    return "".join(parts)


def methods(kind: type[Any]) -> Iterator[str]:
    """What each public method does."""
    for name, value in vars(kind).items():
        function = getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isfunction(function):
            yield f"\n### {name}\n\n    {name}{signature(function, method=True)}\n\n"
            yield f"{as_markdown(inspect.getdoc(function) or '')}\n"


def errors() -> Iterator[str]:
    """A row for each class."""
    for module, _ in CLOUDS:
        for name in module.__all__:
            kind = getattr(module, name)
            if issubclass(kind, Exception):
                text = one_line(kind.__doc__ or "")
                yield f"| `{name}` | {kind.headline} | `{kind.__mro__[1].__name__}` | {text} |\n"


if __name__ == "__main__":
    sys.exit(write_page(PAGE, page(), __file__))
