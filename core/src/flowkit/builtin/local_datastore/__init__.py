"""The datastore ``local``: a folder of this machine, or one that is mounted on it."""

from flowkit.builtin.local_datastore.datastore import LocalDatastore

__all__ = ["LocalDatastore"]
