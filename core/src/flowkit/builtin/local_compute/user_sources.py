"""The text of the user's own modules that are loaded, as evidence of what they do when they are imported."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

__all__ = ["UserSources"]


class UserSources:
    """Sources of loaded modules that are neither the standard library's nor installed. Read once, when first asked."""

    def __init__(self) -> None:
        self._text: str | None = None

    def mention(self, pattern: str) -> bool:
        """Whether the regular expression ``pattern`` is found in any of them."""
        if self._text is None:
            self._text = "\n".join(_read(path) for path in sorted(_user_files()))
        return re.search(pattern, self._text) is not None


def _user_files() -> set[str]:
    stdlib = sysconfig.get_paths()["stdlib"]
    own = str(Path(__file__).parents[2]) + "/"
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return {
        path
        for path in files
        if isinstance(path, str)
        and path.endswith(".py")
        and not path.startswith((stdlib, own))
        and "/site-packages/" not in path
        and "/dist-packages/" not in path
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
