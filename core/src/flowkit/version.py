"""The version of the core; the build reads it from here."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "2.0.0"
