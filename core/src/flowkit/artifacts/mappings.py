"""Which memory of this process is a mapping of a stored blob, and whether it was written to.

A large artifact that a task only read needs no hashing when it is saved again: the kernel knows that no page of its
private mapping was copied, and so that its bytes are still those of the blob.
"""

from __future__ import annotations

import mmap
import os
import sys
import weakref
from typing import TYPE_CHECKING

import attrs

from flowkit.model.artifact import BlobRef

if TYPE_CHECKING:
    import ctypes

__all__ = ["Mappings", "address_of"]

# An entry of /proc/self/pagemap: one 64-bit word a page, whose upper bits say where the page is.
_ENTRY = 8
_PAGES = 1 << 16
_PRESENT, _SWAPPED, _OF_FILE = 63, 62, 61


@attrs.frozen(eq=False)
class _Mapping:
    owner: weakref.ref[mmap.mmap]
    size: int
    blob: BlobRef


class Mappings:
    """The live mappings of one store's blobs."""

    def __init__(self) -> None:
        self._new: list[_Mapping] = []
        self._by_address: dict[int, _Mapping] = {}

    def add(self, view: memoryview, blob: BlobRef) -> None:
        """Remember that ``view`` is the whole of ``blob``; does nothing if it isn't a mapping."""
        owner = view.obj
        if isinstance(owner, mmap.mmap) and len(owner) == view.nbytes == blob.size:
            self._new.append(_Mapping(weakref.ref(owner), view.nbytes, blob))

    def unchanged(self, views: list[memoryview], offsets: list[int], size: int) -> BlobRef | None:
        """The blob whose parts, at these offsets, are exactly these buffers, mapped and never written to.

        Parameters
        ----------
        size
            Of the blob.
        """
        if not views or not (self._new or self._by_address):
            return None
        self._locate()
        start = address_of(views[0]) - offsets[0]
        mapping = self._by_address.get(start)
        if mapping is None or mapping.size != size or mapping.owner() is None:
            return None
        if any(address_of(view) != start + offset for view, offset in zip(views, offsets, strict=True)):
            return None
        return mapping.blob if _is_clean(start, size) else None

    def _locate(self) -> None:
        """Find the addresses of new mappings, and forget those that are gone: their addresses may be used again."""
        for address in [address for address, mapping in self._by_address.items() if mapping.owner() is None]:
            del self._by_address[address]
        for mapping in self._new:
            if (owner := mapping.owner()) is not None:
                self._by_address[address_of(memoryview(owner))] = mapping
        self._new.clear()


def address_of(view: memoryview) -> int:
    """The address of a contiguous buffer's first byte."""
    import ctypes

    fields = _buffer_type()()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(fields), 0)
    try:
        return fields.buf or 0
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(fields))


_type: type[ctypes.Structure] | None = None


def _buffer_type() -> type[ctypes.Structure]:
    """CPython's Py_buffer, a part of its stable interface."""
    global _type
    if _type is None:
        import ctypes

        class PyBuffer(ctypes.Structure):
            _fields_ = (
                ("buf", ctypes.c_void_p),
                ("obj", ctypes.c_void_p),
                ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t),
                ("readonly", ctypes.c_int),
                ("ndim", ctypes.c_int),
                ("format", ctypes.c_char_p),
                ("shape", ctypes.c_void_p),
                ("strides", ctypes.c_void_p),
                ("suboffsets", ctypes.c_void_p),
                ("internal", ctypes.c_void_p),
            )

        _type = PyBuffer
    return _type


def _is_clean(address: int, size: int) -> bool:
    """Whether no page of a private file mapping was ever written to; False where that can't be known."""
    global _trusted
    if _trusted is None:
        _trusted = sys.platform == "linux" and sys.byteorder == "little" and _kernel_tells()
    return _trusted and _has_no_own_page(address, size)


_trusted: bool | None = None


def _kernel_tells() -> bool:
    """Whether pagemap shows a page that was written to: sandboxes may offer the file with nothing in it."""
    with mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as page:
        page[0] = 1
        with memoryview(page) as view:
            return not _has_no_own_page(address_of(view), mmap.PAGESIZE)


def _has_no_own_page(address: int, size: int) -> bool:
    first, last = address // mmap.PAGESIZE, (address + size - 1) // mmap.PAGESIZE
    try:
        fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        for page in range(first, last + 1, _PAGES):
            count = min(_PAGES, last + 1 - page)
            content = os.pread(fd, count * _ENTRY, page * _ENTRY)
            if len(content) != count * _ENTRY or _any_own(content, count):
                return False
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def _any_own(content: bytes, count: int) -> bool:
    """Whether a page is in memory or swapped out, and not a page of the file.

    All words at once, as one large integer: a loop over the 262,144 pages of 1 GB would cost more than hashing them.
    """
    words = int.from_bytes(content, "little")
    in_use = (words >> (_PRESENT - _OF_FILE)) | (words >> (_SWAPPED - _OF_FILE))
    of_file_bits = int.from_bytes((1 << _OF_FILE).to_bytes(_ENTRY, "little") * count, "little")
    return bool(in_use & ~words & of_file_bits)
