"""What plugin authors get, which FlowKit's own tests use too."""

from __future__ import annotations

from flowkit.testing.project import Project, clean_environment

__all__ = ["Project", "clean_environment"]
