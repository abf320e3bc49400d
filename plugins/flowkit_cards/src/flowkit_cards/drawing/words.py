"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from datetime import datetime

__all__ = ["bytes_text", "count_text", "duration_text", "moment_text"]

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def bytes_text(size: float) -> str:
    """A size in decimal units.

    >>> bytes_text(12), bytes_text(1_240_000)
    ('12 bytes', '1.2 MB')
    """
    value = float(size)
    for unit in _UNITS[:-1]:
        if abs(value) < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} {_UNITS[-1]}"


def count_text(number: int, noun: str) -> str:
    """
    >>> count_text(1, "row"), count_text(12000, "row")
    ('1 row', '12,000 rows')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def duration_text(seconds: float) -> str:
    """
    >>> duration_text(0.012), duration_text(4.25), duration_text(3723)
    ('12 ms', '4.2 s', '1 h 2 min')
    """
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def moment_text(moment: datetime) -> str:
    """
    >>> moment_text(datetime(2026, 3, 1, 9, 5, 2))
    '2026-03-01 09:05:02'
    """
    return moment.strftime("%Y-%m-%d %H:%M:%S")
