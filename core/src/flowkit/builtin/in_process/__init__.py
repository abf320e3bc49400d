"""The compute backend ``inprocess``: attempts in the launching process, on its terminal, for a debugger."""

from flowkit.builtin.in_process.backend import InProcess

__all__ = ["InProcess"]
