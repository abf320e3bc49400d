"""What both sides of the connection know by name."""

from __future__ import annotations

__all__ = ["EXTENSION_HEADER", "EXTENSION_PATH", "EXTENSION_VERSION", "PROTOCOL_VERSION", "VERSION_HEADER"]

#: In every answer: the version of Netflix's service whose interface this is. Metaflow's client asks for it before it
#: uses what came with a version: heartbeats with 2.0.4, tags with 2.3.0, tasks found by metadata with 2.5.0.
VERSION_HEADER = "METADATA_SERVICE_VERSION"
PROTOCOL_VERSION = "2.5.0"
#: In every answer of a service that has FlowKit's own operations, each one transaction: their version.
EXTENSION_HEADER = "X-FlowKit-Service"
EXTENSION_VERSION = 1
EXTENSION_PATH = "/flowkit/v1"
