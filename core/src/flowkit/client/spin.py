"""Reading what ``spin`` ran, which is kept apart from runs."""

from __future__ import annotations

from flowkit.client.source import metadata

__all__ = ["inspect_spin"]


def inspect_spin(datastore_root: str = ".") -> None:
    """Read the tasks that ``spin`` ran, in place of real runs, from now on; ``default_metadata()`` goes back.

    Parameters
    ----------
    datastore_root
        The folder that holds ``.flowkit_spin``: the project's.
    """
    metadata(f"spin@{datastore_root}")
