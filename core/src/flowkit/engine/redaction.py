"""Takes secrets out of tasks' output."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["MASK", "Redactor"]

MASK = b"***"
#: A shorter value would be found everywhere.
_SHORTEST = 6


class Redactor:
    """Replaces known values, and the forms in which programs print them, by ``***``."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._forms: list[bytes] = []

    def add(self, values: Iterable[str]) -> None:
        """Redact these from now on. Values under 6 characters are let through."""
        self._values.update(value for value in values if len(value) >= _SHORTEST)
        forms: set[bytes] = set()
        for value in self._values:
            forms.update(_forms(value))
            # Output is looked at line by line; so are secrets of several lines.
            for line in value.splitlines():
                if len(line) >= _SHORTEST:
                    forms.update(_forms(line))
        self._forms = sorted(forms, key=len, reverse=True)

    def redact(self, line: bytes) -> bytes:
        """The line without the secrets."""
        for form in self._forms:
            if form in line:
                line = line.replace(form, MASK)
        return line

    def redact_text(self, text: str) -> str:
        """The text without the secrets."""
        if not self._forms:
            return text
        return self.redact(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _forms(value: str) -> Iterable[bytes]:
    import base64
    import json
    from urllib.parse import quote, quote_plus

    data = value.encode("utf-8", "surrogateescape")
    yield data
    yield json.dumps(value)[1:-1].encode()
    yield json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape")
    yield repr(value)[1:-1].encode("utf-8", "surrogateescape")
    yield quote(data).encode()
    yield quote(data, safe="").encode()
    yield quote_plus(data).encode()
    encoded = base64.b64encode(data)
    yield encoded.rstrip(b"=")
    yield base64.urlsafe_b64encode(data).rstrip(b"=")
