"""``Local``: files of this machine, as the tools of stores have them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import flowkit
from flowkit.datatools import Local, LocalNotFound, LocalURLException, read_in_chunks
from flowkit.errors import DataToolsError, ObjectNotFound, ObjectValueError


def test_what_is_put_is_got(tmp_path: Path) -> None:
    """Where it lies: a file isn't copied, and stays when the tool is closed."""
    path = tmp_path / "new" / "file.txt"
    with Local() as files:
        url = files.put(str(path), "grüße")
        assert url == f"local://{path}"
        for key in (url, str(path)):
            found = files.get(key)
            assert (found.text, found.path, found.size, found.exists) == ("grüße", str(path), 7, True)
        assert files.info(url).size == 7
        files.put(url, b"other", overwrite=False)
        assert files.get(url).text == "grüße"
        files.put(url, io.BytesIO(b"other"))
    assert path.read_text() == "other"


def test_what_is_missing(tmp_path: Path) -> None:
    files = Local()
    with pytest.raises(LocalNotFound, match="nowhere"):
        files.get(str(tmp_path / "nowhere"))
    assert not files.get(str(tmp_path / "nowhere"), return_missing=True).exists
    assert issubclass(LocalNotFound, ObjectNotFound)
    for key in (None, "", "local://"):
        with pytest.raises(LocalURLException, match="path of a file"):
            files.get(key)
    with pytest.raises(ObjectValueError, match="int"):
        files.put(str(tmp_path / "x"), 7)


def test_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_DATASTORE_SYSROOT_LOCAL", str(tmp_path))
    monkeypatch.delenv("FLOWKIT_DATATOOLS_LOCALROOT", raising=False)
    root = Path(Local.get_root_from_config(None, create_on_absent=False))
    assert root == tmp_path / ".flowkit" / "data"
    assert not root.exists()
    assert Path(Local.get_root_from_config(None)).is_dir()
    monkeypatch.setenv("FLOWKIT_DATATOOLS_LOCALROOT", str(tmp_path / "own"))
    assert Local.get_root_from_config(None) == str(tmp_path / "own")


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_reading_in_chunks(chunk: int) -> None:
    to = io.BytesIO()
    read_in_chunks(to, io.BytesIO(b"0123456789"), 7, chunk)
    assert to.getvalue() == b"0123456"
    read_in_chunks(to, io.BytesIO(b""), 7, chunk)


def test_names_of_the_package() -> None:
    """What isn't there says what is near, and is an error of the import's kind."""
    import flowkit.datatools as datatools

    assert {"DataTools", "Local"} <= set(dir(datatools))
    with pytest.raises(AttributeError, match=r"flowkit\.datatools has no 'Lokal'.*'Local'"):
        _ = datatools.Lokal
    with pytest.raises(ImportError, match=r"flowkit\.datatools has no 'Lokal'"):
        from flowkit.datatools import Lokal  # noqa: F401
    with pytest.raises(AttributeError):
        _ = datatools._private
    assert issubclass(flowkit.errors.InsufficientDiskSpace, DataToolsError)
