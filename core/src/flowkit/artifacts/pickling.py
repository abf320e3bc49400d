"""Values as pickles, with large buffers beside them."""

from __future__ import annotations

import copyreg
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

__all__ = ["IN_BAND", "PROTOCOL", "Reducers", "pickle_to", "unpickle"]

#: A buffer smaller than this stays inside the pickle.
IN_BAND = 32 << 10
#: Of pickles.
PROTOCOL = 5
#: Characters.
_LARGE_TEXT = 1 << 20

#: By exact type, a function like ``__reduce__``.
Reducers = Mapping[type, Callable[[Any], Any]]


def pickle_to(
    value: Any, sink: SupportsWrite[bytes], buffers: list[memoryview], reducers: Reducers, *, in_band: int = IN_BAND
) -> None:
    """Write the pickle of ``value`` to ``sink`` in pieces, and collect its large buffers from where they lie.

    Parameters
    ----------
    in_band
        Buffers of fewer bytes stay inside the pickle.

    Whatever the value's own way of being pickled raises is passed on.
    """

    if type(value) is str and len(value) > _LARGE_TEXT:
        _pickle_text(value, sink)
        return

    def keep(buffer: pickle.PickleBuffer) -> bool:
        view = buffer.raw()
        if view.nbytes < in_band:
            return True
        buffers.append(view)
        return False

    pickler = pickle.Pickler(sink, PROTOCOL, buffer_callback=keep)
    # No value has an array in it while numpy isn't loaded.
    arrays = {numpy.ndarray: _reduce_array} if (numpy := sys.modules.get("numpy")) is not None else {}
    if reducers or arrays:
        pickler.dispatch_table = {**copyreg.dispatch_table, **arrays, **reducers}
    pickler.dump(value)


def _reduce_array(array: Any) -> Any:
    """How an array says what it is; of one that may not be written to, as of one that may.

    Whoever loads it has memory of his own. DataFrames give away their columns as arrays that may not be written to, and
    a pickle of protocol 5 would keep that.
    """
    flags = array.flags
    if flags.writeable or not flags.forc or array.dtype.hasobject:
        return array.__reduce_ex__(PROTOCOL)
    if not array.nbytes:
        return array.copy().__reduce_ex__(PROTOCOL)
    import ctypes

    memory = (ctypes.c_char * array.nbytes).from_address(array.ctypes.data)
    memory.owner = array  # lives as long as the buffer that is made of it
    return type(array)(array.shape, array.dtype, memory, strides=array.strides).__reduce_ex__(PROTOCOL)


def _pickle_text(text: str, sink: SupportsWrite[bytes]) -> None:
    """The pickle of a large text, in pieces: the pickler would make a copy of the whole."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(text), _LARGE_TEXT):
            yield text[start : start + _LARGE_TEXT].encode("utf-8", "surrogatepass")

    size = len(text) if text.isascii() else sum(map(len, pieces()))
    sink.write(pickle.PROTO + bytes([PROTOCOL]) + pickle.BINUNICODE8 + size.to_bytes(8, "little"))
    for piece in pieces():
        sink.write(piece)
    sink.write(pickle.MEMOIZE + pickle.STOP)


def unpickle(payload: memoryview, buffers: Sequence[memoryview], main_module: ModuleType | None) -> Any:
    """The value again.

    Parameters
    ----------
    main_module
        Where names of ``__main__`` are found, if that isn't this process's own.
    """
    if main_module is None or main_module is sys.modules.get("__main__"):
        return pickle.loads(payload, buffers=buffers)  # noqa: S301 - what the user's own flow wrote
    return _MainUnpickler(_Reader(payload), buffers, main_module).load()


class _MainUnpickler(pickle.Unpickler):
    """Finds names of ``__main__`` in a module."""

    def __init__(self, file: _Reader, buffers: Iterable[memoryview], main_module: ModuleType) -> None:
        super().__init__(file, buffers=buffers)
        self._main_module = main_module

    def find_class(self, module: str, name: str, /) -> Any:
        """What ``module.name`` stands for."""
        if module != "__main__":
            return super().find_class(module, name)
        found: Any = self._main_module
        for part in name.split("."):
            try:
                found = getattr(found, part)
            except AttributeError:
                raise AttributeError(
                    f"{self._main_module.__file__ or self._main_module.__name__} has no {name!r}, of which a stored "
                    "value is made: was it renamed or removed since?"
                ) from None
        return found


class _Reader:
    """A view as a file: the unpickler takes what it needs, with no copy of the whole."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        end = self._view.nbytes if size < 0 else self._position + size
        data = bytes(self._view[self._position : end])
        self._position += len(data)
        return data

    def readinto(self, target: Any, /) -> int:
        """The next bytes, into memory that is there."""
        data = self._view[self._position : self._position + len(target)]
        target[: len(data)] = data
        self._position += len(data)
        return len(data)

    def readline(self, size: int = -1, /) -> bytes:
        """The next line; only old protocols ask."""
        line = bytearray()
        while (not line.endswith(b"\n")) and (byte := self.read(1)):
            line += byte
        return bytes(line)
