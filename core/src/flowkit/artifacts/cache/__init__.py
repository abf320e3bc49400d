"""Files of this machine that hold copies of what is in a remote store, for those who read the same things again.

Only content that is named by its hash is kept: it never changes, and a copy can be checked. Copies are shared between
processes, flows and stores.
"""

from flowkit.artifacts.cache.datastore import CachedDatastore
from flowkit.artifacts.cache.folder import CacheFolder

__all__ = ["CacheFolder", "CachedDatastore"]
