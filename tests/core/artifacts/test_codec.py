"""Manifests as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.artifacts import codec, layout
from flowkit.errors import CorruptedBlobError, InvalidPathspec, NewerFormatError
from flowkit.model.artifact import (
    MANIFEST_VERSION,
    ArtifactEntry,
    BlobRef,
    BufferRef,
    FailureSummary,
    ItemsRef,
    Manifest,
    Transition,
)

names = st.text(min_size=1, max_size=10)
sizes = st.integers(0, 2**60)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
raw_blobs = st.builds(lambda digest, size: BlobRef(digest, size, "raw", size), hashes, sizes)
blobs = raw_blobs | st.builds(BlobRef, hashes, sizes, st.just("zstd"), sizes)
json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
entries = st.builds(
    ArtifactEntry,
    names,
    names,
    sizes,
    hashes,
    st.none() | st.binary(),
    st.none() | blobs,
    st.lists(st.builds(BufferRef, blobs, sizes, sizes), max_size=4).map(tuple),
    st.dictionaries(names, json_values, max_size=2),
)
transitions = st.builds(
    Transition,
    st.lists(names, max_size=3).map(tuple),
    st.none() | names,
    st.none() | sizes,
    st.none() | st.builds(ItemsRef, blobs, sizes),
    st.booleans(),
    st.none() | names,
)
times = st.floats(0, 2e9)
manifests = st.builds(
    Manifest,
    names,
    names,
    names,
    names,
    st.integers(0, 100),
    st.dictionaries(names, entries, max_size=4),
    st.booleans(),
    st.none() | transitions,
    st.none() | st.builds(FailureSummary, names, st.text(), st.text()),
    st.text(),
    st.text(),
    times,
    times,
)


@given(manifests)
def test_a_manifest_makes_the_way_to_json_and_back(manifest: Manifest) -> None:
    assert codec.manifest_from_json(codec.manifest_to_json(manifest)) == manifest


@given(manifests, st.data())
def test_a_truncated_manifest_is_known_for_what_it_is(manifest: Manifest, data: st.DataObject) -> None:
    content = codec.manifest_to_json(manifest)
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(CorruptedBlobError, match="F/runs/1"):
        codec.manifest_from_json(content[:length], "F/runs/1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b'{"version":null}',
        b'{"version":1}',
        b"\xff\xfe",
        b"\0" * 100,
        b'{"version":1,"flow":"F","run_id":"1","step":"s","task_id":"1","attempt":0,"artifacts":[1]}',
        b'{"version":1,"flow":"F","run_id":"1","step":"s","task_id":"1","attempt":0,"artifacts":{"a":{}}}',
        b'{"version":1,"flow":"F","run_id":"1","step":"s","task_id":"1","attempt":0,"artifacts":{"a":'
        b'{"type":"t","by":"p","size":1,"hash":"h","inline":"!!"}}}',
        b'{"version":1,"flow":"F","run_id":"1","step":"s","task_id":"1","attempt":0,"artifacts":{"a":'
        b'{"type":"t","by":"p","size":1,"hash":"h","payload":["h",1,"lzma",2]}}}',
    ],
)
def test_what_is_no_manifest_is_said_to_be_damaged(content: bytes) -> None:
    with pytest.raises(CorruptedBlobError, match="the key"):
        codec.manifest_from_json(content, "the key")


def test_a_newer_format_says_which_flowkit_wrote_it() -> None:
    document = {"version": MANIFEST_VERSION + 1, "flowkit": "7.3.1", "entries": ["something else"]}
    with pytest.raises(NewerFormatError, match=r"some/key.*FlowKit 7\.3\.1.*install"):
        codec.manifest_from_json(json.dumps(document).encode(), "some/key")


def test_fields_that_a_later_flowkit_adds_are_passed_over() -> None:
    manifest = Manifest("F", "1", "s", "1", 0, {})
    document = json.loads(codec.manifest_to_json(manifest)) | {"added": 1}
    assert codec.manifest_from_json(json.dumps(document).encode()) == manifest


def test_what_is_written_today_is_read_forever() -> None:
    """The stored form: change it only with a new version of the format."""
    stored = (Path(__file__).parent / "manifest_v1.json").read_bytes().strip()
    blob = BlobRef("ab" * 32, 5_000_000, "raw", 5_000_000)
    shared = BlobRef("cd" * 32, 90_000, "zstd", 1234)
    manifest = Manifest(
        "F",
        "1700000000000000",
        "train",
        "7",
        1,
        {
            "small": ArtifactEntry("builtins.int", "pickle", 5, "ef" * 32, b"\x80\x05K\x01."),
            "frame": ArtifactEntry(
                "pandas.DataFrame",
                "pickle",
                5_091_000,
                "01" * 32,
                None,
                BlobRef("23" * 32, 1000, "zstd", 400),
                (BufferRef(blob, 0, 5_000_000), BufferRef(shared, 0, 40_000), BufferRef(shared, 40_000, 50_000)),
                {"kind": "x"},
            ),
        },
        False,
        Transition(("a", "b"), "xs", 3, ItemsRef(blob, 3), False, None),
        FailureSummary("builtins.ValueError", "bad \u00e9", "Traceback"),
        "/flows/flow.py",
        "45" * 32,
        1.5,
        2.25,
    )
    assert codec.manifest_from_json(stored) == manifest
    written = json.loads(codec.manifest_to_json(manifest))
    assert {**written, "flowkit": "2.0.0"} == json.loads(stored)


# --- keys ----------------------------------------------------------------------------------------------------------


def test_keys() -> None:
    assert layout.manifest_key("F", "1", "s", "2", 3) == "F/runs/1/s/2/3.json"
    assert layout.log_key("F", "1", "s", "2", 3) == "F/runs/1/s/2/3.log"
    assert layout.blob_key("F", BlobRef("abcd", 1)) == "F/blobs/ab/abcd"
    assert layout.blob_key("F", BlobRef("abcd", 1, "zstd", 1)) == "F/blobs/ab/abcd.zst"
    assert layout.run_prefix("F", "1") == "F/runs/1"


@pytest.mark.parametrize("part", ["", "..", ".", "a/b", "/", "a\\b", "a\0"])
def test_no_part_of_a_key_leads_elsewhere(part: str) -> None:
    for arguments in ((part, "1", "s", "2"), ("F", part, "s", "2"), ("F", "1", part, "2"), ("F", "1", "s", part)):
        with pytest.raises(InvalidPathspec):
            layout.manifest_key(*arguments, 0)
        with pytest.raises(InvalidPathspec):
            layout.log_key(*arguments, 0)
    with pytest.raises(InvalidPathspec):
        layout.blobs_prefix(part)
