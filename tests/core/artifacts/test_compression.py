"""What is compressed, how, and what is noticed of a damaged frame."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts import compression
from flowkit.artifacts.hashing import digest, new_hasher
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import CorruptedBlobError
from support.stores import ReadingDatastore


@given(st.lists(st.binary(max_size=300_000), max_size=4))
def test_compressed_pieces_make_the_content_again(parts: list[bytes]) -> None:
    content = b"".join(parts)
    stored = b"".join(compression.compressed_pieces([memoryview(part) for part in parts]))
    target = bytearray(len(content))
    compression.decompress_into(memoryview(target), stored + compression.trailer(len(stored)), "it")
    assert target == content


@given(st.lists(st.binary(max_size=3000), max_size=5))
def test_a_hash_does_not_depend_on_how_content_is_cut(parts: list[bytes]) -> None:
    whole = digest([memoryview(b"".join(parts))])
    hasher = new_hasher()
    for part in parts:
        hasher.update(part)
    assert whole == digest([memoryview(part) for part in parts]) == hasher.hexdigest()


def test_a_large_content_has_the_hash_that_it_has_in_pieces() -> None:
    content = memoryview(os.urandom(20 << 20))
    assert digest([content]) == digest([content[:5], content[5 : 3 << 20], content[3 << 20 :]])
    assert len(digest([content])) == 64


def test_hashing_leaves_no_threads() -> None:
    """A process with idle threads can't be forked safely."""
    before = len(os.listdir("/proc/self/task"))
    digest([memoryview(bytes(64 << 20))])
    end = time.monotonic() + 30
    while len(os.listdir("/proc/self/task")) > before:  # they end soon after
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_sample_is_of_all_parts_of_the_content() -> None:
    random, zeros = os.urandom(4 << 20), bytes(4 << 20)
    assert compression.ratio_of_sample([memoryview(random)]) > 0.99
    assert compression.ratio_of_sample([memoryview(zeros)]) < 0.01
    for parts in ([zeros, random], [random, zeros], [zeros + random], [zeros[:5], zeros[5:], random]):
        assert 0.3 < compression.ratio_of_sample([memoryview(part) for part in parts]) < 0.7
    assert compression.ratio_of_sample([]) == 1.0
    assert compression.ratio_of_sample([memoryview(b"")]) == 1.0


@pytest.mark.parametrize("cut", [0, 1, 5, 1000, -1, -30])
def test_a_cut_frame_is_noticed(cut: int) -> None:
    content = os.urandom(5000) * 2
    stored = compression.compress(content)
    whole = stored + compression.trailer(len(stored))
    assert compression.is_whole(whole[-compression.TRAILER_SIZE :], len(whole))
    part = whole[:cut]
    assert not compression.is_whole(part[-compression.TRAILER_SIZE :], len(part))
    if cut != -1:
        with pytest.raises(CorruptedBlobError, match="the thing"):
            compression.decompress_into(memoryview(bytearray(10_000)), part, "the thing")


@pytest.mark.parametrize("size", [9_999, 10_001])
def test_another_size_is_noticed(size: int) -> None:
    stored = compression.compress(bytes(10_000))
    with pytest.raises(CorruptedBlobError, match=f"{size}"):
        compression.decompress_into(memoryview(bytearray(size)), stored, "it")


def test_what_is_mapped_is_compressed_only_if_it_all_but_vanishes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    random, integers, zeros = rng.random(500_000), rng.integers(0, 100, 500_000), np.zeros(500_000)
    mapped = ArtifactStore(LocalDatastore(str(tmp_path / "mapped")), "F", SerializerTable())
    far = ArtifactStore(ReadingDatastore(str(tmp_path / "far")), "F", SerializerTable())
    for value, codec, codec_far in ((random, "raw", "raw"), (integers, "raw", "zstd"), (zeros, "zstd", "zstd")):
        assert mapped.save("x", value).buffers[0].blob.codec == codec
        assert far.save("x", value).buffers[0].blob.codec == codec_far


@pytest.mark.parametrize("length", [10, 500, 10_000])
def test_pickles_are_compressed_where_it_pays(store: ArtifactStore, length: int) -> None:
    text = [f"a line of text, number {number}" for number in range(length)]
    entry = store.save("x", text)
    if length == 10:
        assert entry.inline is not None
    else:
        assert entry.payload is not None
        assert entry.payload.codec == "zstd"
        assert entry.payload.stored_size < entry.payload.size / 2
        key = next(iter(store.datastore.list("F/blobs"))).key
        assert key.endswith(f"{entry.payload.hash}.zst")
    noise = store.save("x", os.urandom(length * 100))
    assert noise.payload is None or noise.payload.codec == "raw"


def test_another_release_of_zstd_may_have_written_the_blob(any_store: ArtifactStore) -> None:
    """The content is the same, the stored size isn't."""
    for value in ("some text, " * 10_000, np.zeros(500_000)):
        entry = any_store.save("x", value)
        key = next(iter(any_store.datastore.list("F/blobs"))).key
        import zstandard

        content = zstandard.ZstdDecompressor().decompressobj().decompress(any_store.datastore.get(key))
        other = zstandard.ZstdCompressor(level=19, write_checksum=False).compress(content)
        any_store.datastore.put(key, [other, compression.trailer(len(other))], overwrite=True)
        assert np.array_equal(any_store.load(entry), value)
        again = any_store.save("x", value)
        assert again.hash == entry.hash
        assert np.array_equal(any_store.load(again), value)
        any_store.datastore.delete([key])
