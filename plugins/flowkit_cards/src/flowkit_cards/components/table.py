"""Tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from itertools import islice
from numbers import Number
from typing import Any, ClassVar

from flowkit_cards.components.base import CardComponent, Component, Form, form_of
from flowkit_cards.components.dataframe import Frame, frame_of, is_dataframe
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text, type_name
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import count_text

__all__ = ["Table"]

MAX_ROWS = 1000
MAX_COLUMNS = 100
#: Characters of one cell.
MAX_CELL = 2000
#: Characters of all cells together.
MAX_TEXT = 2_000_000
#: Rows and columns of a DataFrame where the user didn't ask for more.
PREVIEW_ROWS = 50
PREVIEW_COLUMNS = 50
#: Characters up to which a cell stands in one line.
_SHORT = 40


class Table(Component):
    """A table.

    Parameters
    ----------
    data
        Rows, each a list of cells; or a dict of columns; a list of dicts; or a DataFrame of any library. A cell is
        text, a number, a component, or any other value.
    headers
        Names of the columns.
    disable_updates
        A running card doesn't follow changes of components in the table.

    A table shows up to 1,000 rows and 100 columns, and says so if there were more.
    """

    type = "table"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(
        self,
        data: Any = None,
        headers: Sequence[object] | None = None,
        disable_updates: bool = False,
    ) -> None:
        self._headers = headers
        self._data = data
        self._limits = (MAX_ROWS, MAX_COLUMNS)
        if disable_updates:
            self.REALTIME_UPDATABLE = False  # type: ignore[misc] # of this table alone

    @classmethod
    def from_dataframe(cls, dataframe: Any = None, truncate: bool = True) -> Table:
        """A table of a DataFrame: pandas, polars, Arrow, or any other with ``__arrow_c_stream__``.

        Parameters
        ----------
        dataframe
            The DataFrame. What is shown is copied now.
        truncate
            Show 50 rows and 50 columns at most; else as many as any table.
        """
        table = cls(disable_updates=True)
        if truncate:
            table._limits = (PREVIEW_ROWS, PREVIEW_COLUMNS)
        try:
            table._data = frame_of(dataframe, *table._limits)
        except Exception as error:
            table._headers, table._data = [f"A {type_name(dataframe)} can't be shown: {type(error).__name__}"], []
        return table

    def update(self, data: Any = None, headers: Sequence[object] | None = None) -> None:
        """Show other rows."""
        self._data = data
        if headers is not None:
            self._headers = headers

    def fields(self) -> Mapping[str, Any]:
        """Columns, rows of cells (text or forms), which columns hold numbers, and what was cut."""
        frame = self._data if isinstance(self._data, Frame) else _frame(self._data, self._headers, *self._limits)
        cells = _Cells()
        rows = [[cells.of(value) for value in row[: self._limits[1]]] for row in frame.rows[: self._limits[0]]]
        notes = [*_missing(frame, rows), *cells.notes()]
        return {
            "columns": [display_text(name, 200)[0] for name in frame.columns],
            "data": rows,
            "numeric": _numeric_columns(frame.rows),
            **({"note": "; ".join(notes)} if notes else {}),
        }


class _Cells:
    """Cells as JSON, within a number of characters in all."""

    def __init__(self) -> None:
        self._left = MAX_TEXT
        self._cut = 0

    def of(self, value: Any) -> Any:
        if isinstance(value, CardComponent):
            return form_of(value)
        shown, note = display_text("" if value is None else value, min(MAX_CELL, max(self._left, 0)))
        self._left -= len(shown)
        if note:
            self._cut += 1
            shown += "…"
        return shown

    def notes(self) -> Iterable[str]:
        if self._cut:
            yield f"{count_text(self._cut, 'long cell')} cut"


def _frame(data: Any, headers: Sequence[object] | None, max_rows: int, max_columns: int) -> Frame:
    if data is None:
        return Frame(list(headers or ()), [], 0, len(headers or ()))
    if is_dataframe(data):
        frame = frame_of(data, max_rows, max_columns)
    elif isinstance(data, Mapping):
        frame = _of_columns(data, max_rows)
    else:
        frame = _of_rows(data, max_rows)
    return frame if headers is None else Frame(list(headers), frame.rows, frame.total_rows, frame.total_columns)


def _of_columns(data: Mapping[Any, Any], max_rows: int) -> Frame:
    columns = [_listed(value) for value in data.values()]
    length = max((len(column) for column in columns), default=0)
    shown = min(length, max_rows)
    rows = [[column[row] if row < len(column) else None for column in columns] for row in range(shown)]
    return Frame(list(data), rows, length, len(columns))


def _of_rows(data: Any, max_rows: int) -> Frame:
    if isinstance(data, str | bytes) or not isinstance(data, Iterable):
        return Frame([], [[data]], 1, 1)
    rows = list(islice(data, max_rows))
    total = len(data) if isinstance(data, Sized) else len(rows)
    if rows and all(isinstance(row, Mapping) for row in rows):
        names = list(dict.fromkeys(name for row in rows for name in row))
        return Frame(names, [[row.get(name) for name in names] for row in rows], total, len(names))
    cells = [_listed(row) for row in rows]
    return Frame([], cells, total, max((len(row) for row in cells), default=0))


def _listed(value: Any) -> list[Any]:
    """A row or column as a list; what isn't one is the only cell of it."""
    if isinstance(value, str | bytes | Mapping | CardComponent) or not isinstance(value, Iterable):
        return [value]
    return list(islice(value, MAX_ROWS))


def _missing(frame: Frame, rows: list[list[Any]]) -> Iterable[str]:
    columns = max((len(row) for row in rows), default=len(frame.columns))
    if frame.total_rows > len(rows):
        yield f"the first {len(rows):,} of {count_text(frame.total_rows, 'row')}"
    if frame.total_columns > columns:
        yield f"the first {columns:,} of {count_text(frame.total_columns, 'column')}"


def _numeric_columns(rows: Sequence[Sequence[Any]]) -> list[int]:
    sample = rows[:50]
    width = max((len(row) for row in sample), default=0)
    return [column for column in range(width) if _is_numeric([row[column] for row in sample if column < len(row)])]


def _is_numeric(values: Sequence[Any]) -> bool:
    kept = [value for value in values if value is not None]
    return bool(kept) and all(isinstance(value, Number) and not isinstance(value, bool) for value in kept)


def look(form: Form, draw: Draw) -> Node:
    """A table that scrolls inside its box where it is too wide or long."""
    columns, rows = form.get("columns") or [], form.get("data") or []
    numeric = frozenset(form.get("numeric") or ())

    def cell(tag: str, position: int, value: Any) -> Node:
        content = draw(value) if isinstance(value, dict) else str(value)
        kinds = ["number"] if position in numeric else []
        if isinstance(content, str) and len(content) <= _SHORT:
            kinds.append("short")
        return h(tag, {"class": " ".join(kinds) or None, "scope": "col" if tag == "th" else None}, content)

    head = h("thead", None, h("tr", None, [cell("th", at, name) for at, name in enumerate(columns)]))
    body = h("tbody", None, [h("tr", None, [cell("td", at, value) for at, value in enumerate(row)]) for row in rows])
    label = f"Table of {count_text(len(rows), 'row')}"
    box = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": label}
    return h("div", box, h("table", None, head if columns else None, body))
