"""Whether a Mersenne Twister was seeded by somebody, told from its state alone.

``random.Random()`` fills its 624 words from 624 words of the system's entropy; ``seed(42)`` fills them from a key of
one word, used 624 times over, and ``seed("text")`` from one of twenty or so. The filling (``init_by_array``) can be
undone, which gives the key back: few different words mean that somebody seeded. No hook is needed before the flow is
imported, so a flow may call ``random.seed`` on its first line, before it imports anything of FlowKit's.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["was_seeded"]

_WORDS = 624
_MIDDLE = 397
_MASK = 0xFFFFFFFF
#: 621 words of the key are recovered. Of random ones, two are equal in one state of 22,000, and more hardly ever.
_FEWEST_OF_ENTROPY = 615


def was_seeded(state: Sequence[int]) -> bool | None:
    """Tell from ``random.Random().getstate()[1]``: 624 words and the position.

    Returns
    -------
    bool or None
        True if it was seeded with a short key; False if it holds fresh entropy that nobody drew from; None where that
        can't be told, because numbers were drawn and the states before them show no short key.
    """
    words, position = list(state[:_WORDS]), state[_WORDS]
    if position == _WORDS and words[0] == 0x80000000:
        return _distinct_key_words(words) < _FEWEST_OF_ENTROPY
    # Drawn from: each 624 numbers one twist is made. Undo the last two.
    for _ in range(2):
        words = _untwist(words)
        if _distinct_key_words(words) < _FEWEST_OF_ENTROPY:
            return True
    return None


def _distinct_key_words(final: list[int]) -> int:
    """How many of the key's words differ, if ``final`` is what ``init_by_array`` left."""
    base = _init_genrand(19650218)
    middle = list(final)
    # The second loop went from 2 to 623, then to 1 with words[0] = words[623]: undo it from its end.
    middle[1] = ((final[1] + 1) & _MASK) ^ _mix(final[_WORDS - 1], 1566083941)
    for index in range(_WORDS - 1, 1, -1):
        before = final[index - 1] if index > 2 else middle[1]
        middle[index] = ((final[index] + index) & _MASK) ^ _mix(before, 1566083941)
    # The first loop: what it added at each place is the key's word and its number in the key.
    added = ((middle[index] - (base[index] ^ _mix(middle[index - 1], 1664525))) & _MASK for index in range(3, _WORDS))
    return len(set(added))


def _mix(word: int, factor: int) -> int:
    return ((word ^ (word >> 30)) * factor) & _MASK


def _init_genrand(seed: int) -> list[int]:
    words = [seed]
    for index in range(1, _WORDS):
        words.append((_mix(words[-1], 1812433253) + index) & _MASK)
    return words


def _untwist(words: list[int]) -> list[int]:
    """The state before the last 624 numbers (but for 31 bits of its first word, which nothing depends on)."""
    result = list(words)
    for index in range(_WORDS - 1, -1, -1):
        high = _half(result[index] ^ result[(index + _MIDDLE) % _WORDS]) & 0x80000000
        low = _half(result[index - 1] ^ result[(index + _MIDDLE - 1) % _WORDS]) & 0x7FFFFFFF
        result[index] = high | low
    return result


def _half(value: int) -> int:
    """Undo one step's shift and its conditional XOR."""
    if value & 0x80000000:
        return (((value ^ 0x9908B0DF) << 1) | 1) & _MASK
    return (value << 1) & _MASK
