"""Plain values as JSON text, for flows that choose it: other programs can read it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flowkit.interfaces.serializer import Serialized, Serializer

__all__ = ["JSONSerializer"]

_SCALARS = (str, int, bool, type(None))


class JSONSerializer(Serializer):
    """Stores what JSON can say without loss: text, numbers, truth values, None, lists, and dicts with text keys."""

    name: ClassVar[str] = "json"

    def accepts(self, value: Any) -> bool:
        """Whether the value loads equal: no tuples, no NaN, no list that is in two places."""
        seen: set[int] = set()
        waiting = [value]
        while waiting:
            part = waiting.pop()
            kind = type(part)
            if (kind is float and math.isfinite(part)) or kind in _SCALARS:
                continue
            if kind not in (list, dict) or id(part) in seen:
                return False
            seen.add(id(part))
            if kind is dict:
                if not all(type(key) is str for key in part):
                    return False
                waiting.extend(part.values())
            else:
                waiting.extend(part)
        return True

    def serialize(self, value: Any) -> Serialized:
        """Compact JSON, in ASCII."""
        return Serialized(json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii"))

    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        """The value."""
        return json.loads(bytes(payload))
