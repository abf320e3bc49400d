"""The page about this cloud says what the code does."""

from __future__ import annotations

from pathlib import Path

from flowkit_azure.clients import AZURE

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "store-on-azure.md"


def test_each_option_is_described() -> None:
    rows = [
        line.split("|")[1].strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    assert rows == [f"`{option}`" for option in (*AZURE.options, "CLIENT_PROVIDER")]
