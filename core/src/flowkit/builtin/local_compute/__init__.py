"""Tasks as processes of this machine."""

from flowkit.builtin.local_compute.backend import LocalCompute

__all__ = ["LocalCompute"]
