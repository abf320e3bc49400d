"""What a collection takes and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import attrs
import pytest

from flowkit.artifacts.layout import code_keep_key, code_key, manifest_key
from flowkit.collection.selection import Selection
from flowkit.errors import ConfigurationError, CorruptedBlobError, DatastoreError
from flowkit.model.artifact import Manifest, Transition
from flowkit.model.collected import collected_at
from flowkit.model.record import Change
from support.collecting import FLOW, GRACE, CopyingStore
from support.collection_scene import Scene

SHARED = b"shared by runs" * 20


def test_a_chosen_run_goes_and_what_others_need_stays(scene: Scene) -> None:
    scene.run("1", SHARED, b"only one" * 20)
    kept = scene.start("2", SHARED)
    scene.finish(kept)
    scene.datastore.put(f"{FLOW}/runs/1/start/0/cards/0/0-default.html", [b"<html>"])
    scene.datastore.put(f"{FLOW}/runs/1/start/0/0.log", [b"said"])
    before = scene.listed(f"{FLOW}/blobs")
    scene.age()
    report = scene.collect(keep_last=1)
    assert scene.runs() == {"2"}
    assert scene.listed(f"{FLOW}/runs") == set(kept.expected)
    assert len(scene.listed(f"{FLOW}/blobs")) == len(before) - 1
    scene.check(kept)
    assert (report.done.runs_removed, len(report.runs)) == (1, 2)


def test_nothing_is_left_in_the_end(scene: Scene) -> None:
    for number in range(3):
        scene.run(str(number))
    for _ in range(2):
        scene.age()
        scene.collect(keep_last=0)
    assert scene.runs() == set()
    assert scene.datastore.files() == []


def test_looking_changes_nothing_and_tells_what_a_collection_would_do(scene: Scene) -> None:
    scene.run("1", SHARED, b"one" * 100)
    scene.run("2", SHARED)
    scene.age()
    files = sorted(scene.datastore.files())
    report = scene.collector(keep_last=1).look()
    assert sorted(scene.datastore.files()) == files
    assert scene.runs() == {"1", "2"}
    assert collected_at(scene.record("1")) is None
    one, two = sorted(report.runs, key=lambda run: run.run_id)
    assert (one.collect, one.reason, two.collect, two.reason) == (True, "chosen", False, "among the last 1")
    assert one.shared_bytes == two.shared_bytes > 0
    assert one.alone_bytes > 0 == two.alone_bytes
    assert report.content_bytes == one.alone_bytes
    assert report.freeable_bytes == one.alone_bytes + one.own_bytes
    done = scene.collect(keep_last=1).done
    assert done.freed_bytes + done.waiting_bytes == report.freeable_bytes


def test_young_content_is_spared(scene: Scene) -> None:
    """A writer may be about to name it; a later collection takes it."""
    scene.run("1")
    report = scene.collect(keep_last=0)
    assert report.young_bytes > 0 == report.done.waiting_bytes
    assert scene.runs() == set()
    assert scene.listed(f"{FLOW}/runs") == set()
    assert scene.listed(f"{FLOW}/blobs")
    for _ in range(2):
        scene.age()
        report = scene.collect()
    assert report.orphan_count == 0
    assert scene.datastore.files() == []


def test_content_of_a_task_that_was_killed_is_collected(scene: Scene) -> None:
    writer = scene.start("1")
    scene.finish(writer, until="stored")
    scene.age()
    report = scene.collector().look()
    assert report.orphan_count == 1
    scene.collect()
    assert scene.listed(f"{FLOW}/blobs") == set()
    assert scene.runs() == {"1"}


def test_what_a_resumed_run_took_over_stays_until_that_goes(scene: Scene) -> None:
    scene.run("1", SHARED, b"two" * 50)
    scene.datastore.put(f"{FLOW}/runs/1/start/0/0.log", [b"said"])
    scene.datastore.put(f"{FLOW}/runs/1/_parameters/0/0.json", [b"{}"])
    resumed = scene.start_resume("2", "1")
    scene.finish(resumed)
    scene.age()
    scene.collect(keep_last=1)
    assert scene.runs() == {"2"}
    scene.check(resumed)
    assert f"{FLOW}/runs/1/start/0/0.log" in scene.listed()
    assert f"{FLOW}/runs/1/_parameters/0/0.json" not in scene.listed()
    (left,) = (run for run in scene.collector().look().runs if run.run_id == "1")
    assert (left.collect, left.reason) == (False, "needed by runs that were resumed from it")
    scene.collect(unrecorded=True, keep_last=1)
    scene.check(resumed)
    for _ in range(2):
        scene.collect(keep_last=0)
        scene.age()
    assert scene.datastore.files() == []


def test_the_origin_of_a_running_run_is_spared_even_if_it_appears_at_the_last_moment(scene: Scene) -> None:
    scene.run("1", SHARED, b"second" * 50)
    scene.age()
    resumed = scene.start_resume("2", "1")
    scene.finish(resumed, until="read")
    steps = scene.collector(keep_last=0).steps()
    assert next(steps) == "mark"
    scene.finish(resumed, until="created")  # recorded, and it looks for a mark before that is made
    scene.finish(resumed, until="cloned")
    list(steps)
    scene.finish(resumed)
    scene.check(resumed)
    # Its mark stays: when nobody needs it any more, it goes without being chosen.
    scene.collect()
    scene.age()
    scene.collect()
    assert scene.runs() == {"2"}
    scene.check(resumed)


def test_a_run_that_is_being_collected_is_not_resumed(scene: Scene) -> None:
    scene.run("1", SHARED)
    scene.age()
    resumed = scene.start_resume("2", "1")
    scene.finish(resumed, until="read")
    steps = scene.collector(keep_last=0).steps()
    assert [next(steps), next(steps)] == ["mark", "survey"]
    scene.finish(resumed)
    assert scene.record("2").status == "failed"
    assert resumed.expected == {}
    list(steps)
    assert scene.runs() == {"2"}


def test_running_runs_are_never_chosen_and_dead_ones_if_asked_for(scene: Scene) -> None:
    writer = scene.start("1")
    scene.finish(writer, until="named")
    scene.age(GRACE / 2)
    scene.collect(keep_last=0, statuses=frozenset({"dead"}), run_ids=frozenset({"1"}))
    assert scene.runs() == {"1"}
    scene.age()
    scene.collect(keep_last=0, statuses=frozenset({"failed"}))
    assert scene.runs() == {"1"}
    scene.check(writer)
    scene.collect(statuses=frozenset({"dead"}))
    assert scene.runs() == set()


def test_a_run_that_goes_on_when_it_is_marked_is_spared(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it goes on just then, or was marked long ago and its records kept."""
    writer = scene.start("1")
    scene.finish(writer)
    scene.age()
    write = scene.metadata.write

    def write_and_join(changes: Iterable[Change]) -> None:
        write(changes)
        write([attrs.evolve(scene.record("1"), status="running", finished_at=None, heartbeat_at=scene.clock())])

    monkeypatch.setattr(scene.metadata, "write", write_and_join)
    scene.collect(keep_records=True, run_ids=frozenset({"1"}))
    monkeypatch.undo()
    assert collected_at(scene.record("1")) is not None
    scene.check(writer)
    scene.collect(older_than=0.0)
    scene.check(writer)
    scene.age()
    scene.collect()
    assert scene.listed(f"{FLOW}/runs") == set()


def test_content_that_a_writer_finds_while_it_is_collected_is_not_lost(scene: Scene) -> None:
    """After the listing, before it is set aside; and, where that isn't one step, in the middle of it."""
    scene.run("1", SHARED)
    scene.age()
    writer = scene.start("2", SHARED)
    steps = scene.collector(run_ids=frozenset({"1"})).steps()
    assert [next(steps), next(steps), next(steps)] == ["mark", "survey", "remove"]
    scene.finish(writer, until="stored")
    list(steps)
    assert scene.listed(f"{FLOW}/blobs")
    scene.finish(writer)
    scene.check(writer)


def test_what_a_manifest_comes_to_name_meanwhile_is_brought_back(scene: Scene) -> None:
    """Though nobody renewed it, as where clocks are far apart."""
    scene.run("1", SHARED)
    scene.age()
    payload = scene.store.read_manifest(manifest_key(FLOW, "1", "start", "0", 0)).artifacts["x"]
    steps = scene.collector(keep_last=0).steps()
    while next(steps) != "look again":
        continue
    assert scene.listed(f"{FLOW}/blobs") == set()
    scene.store.write_manifest(Manifest(FLOW, "2", "start", "0", 0, {"x": payload}))
    assert "restore" in list(steps)
    assert scene.listed(f"{FLOW}/blobs")
    assert scene.content_of([manifest_key(FLOW, "2", "start", "0", 0)]) == [SHARED]


def test_a_writer_between_copy_and_deletion_is_not_robbed(scene: Scene) -> None:
    if not isinstance(scene.datastore, CopyingStore):
        pytest.skip("renaming is one step")
    scene.run("1", SHARED)
    scene.age()
    writer = scene.start("2", SHARED)
    requests: list[str] = []

    def note(what: str, _: str) -> None:
        requests.append(what)
        if requests[-2:] == ["copy", "remove"]:
            scene.finish(writer, until="stored")

    scene.datastore.before_request = note
    scene.collect(run_ids=frozenset({"1"}))
    assert scene.listed(f"{FLOW}/blobs") == set()
    assert len(scene.aside()) == 1
    scene.finish(writer)
    # The next collection brings it back, and so does a reader.
    assert scene.collector().look().aside_bytes > 0
    steps = scene.collector().steps()
    assert "restore" in list(steps)
    assert scene.listed(f"{FLOW}/blobs")
    scene.check(writer)
    scene.age()
    scene.collect()
    assert scene.aside() == set()
    scene.check(writer)


def test_a_collector_that_slept_amid_a_deletion_brings_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it deleted may have been renewed since it looked, and its copy may be dropped soon."""
    if not isinstance(scene.datastore, CopyingStore):
        pytest.skip("renaming is one step")
    scene.run("1", SHARED)
    scene.age()
    listed = list(scene.datastore.list(f"{FLOW}/blobs"))
    remove = scene.datastore._remove

    def remove_and_sleep(names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        remove(names, before_request)
        scene.clock.now += GRACE / 2

    monkeypatch.setattr(scene.datastore, "_remove", remove_and_sleep)
    with pytest.raises(DatastoreError, match="took too long"):
        list(scene.datastore.set_aside(listed))
    (found,) = scene.datastore.list(f"{FLOW}/blobs")
    assert found.modified_at > scene.clock.now - 1


def test_a_reader_brings_back_what_is_aside(scene: Scene) -> None:
    writer = scene.start("1", SHARED)
    scene.finish(writer)
    assert list(scene.datastore.set_aside(list(scene.datastore.list(f"{FLOW}/blobs"))))
    assert scene.listed(f"{FLOW}/blobs") == set()
    scene.check(writer)
    assert scene.listed(f"{FLOW}/blobs")


def test_a_collector_that_is_killed_anywhere_leaves_all_right(scene: Scene) -> None:
    """Whatever step is its last, what is kept can be read, and the next collection finishes."""
    last = 0
    for last in range(1, 100):
        first, kept = scene.start(f"a{last}", SHARED, b"alone %d" % last * 30), scene.start(f"b{last}", SHARED)
        scene.finish(first)
        scene.finish(kept)
        resumed = scene.start_resume(f"c{last}", f"b{last}")
        scene.finish(resumed)
        scene.age()
        steps = scene.collector(run_ids=frozenset({f"a{last}", f"b{last}"})).steps()
        names = [name for name, _ in zip(steps, range(last), strict=False)]
        steps.close()
        scene.check(resumed)
        scene.age()
        scene.collect()
        scene.age()
        scene.collect(keep_last=1)
        scene.check(resumed)
        expected = {f"a{last}", f"b{last}", f"c{last}"} if last == 1 else {f"c{last}"}
        assert scene.runs() <= expected
        if len(names) < last:
            break
    assert last > 6


def test_two_collectors_at_once(scene: Scene) -> None:
    scene.run("1", SHARED, b"alone" * 50)
    kept = scene.start("2", SHARED)
    scene.finish(kept)
    scene.age()
    both = [scene.collector(keep_last=1).steps() for _ in range(2)]
    while both:
        both = [steps for steps in both if next(steps, None) is not None]
    assert scene.runs() == {"2"}
    scene.check(kept)
    scene.age()
    scene.collect()
    assert len(scene.datastore.files()) == 2


def test_a_kept_manifest_that_cannot_be_read_stops_all(scene: Scene) -> None:
    """What it names isn't known. Its run can be collected."""
    scene.run("1")
    scene.run("2")
    key = manifest_key(FLOW, "1", "start", "0", 0)
    scene.datastore.put(key, [b"{damaged"], overwrite=True)
    scene.age()
    with pytest.raises(CorruptedBlobError, match=r"collect its run by name, GcFlow/1"):
        scene.collect(run_ids=frozenset({"2"}))
    assert len(scene.listed(f"{FLOW}/blobs")) == 2
    scene.collect(run_ids=frozenset({"1"}))
    assert scene.runs() == set()


def test_runs_that_the_metadata_does_not_have_are_kept(scene: Scene) -> None:
    """Somebody else's, who shares the datastore; unless they are asked for, and old."""
    writer = scene.start("1")
    scene.finish(writer)
    scene.metadata.delete_run(FLOW, "1")
    scene.age()
    report = scene.collect(keep_last=0)
    assert [(run.status, run.reason) for run in report.runs] == [("unrecorded", "unrecorded")]
    scene.check(writer)
    scene.collect(unrecorded=True, older_than=10 * GRACE)
    scene.check(writer)
    scene.collect(unrecorded=True)
    assert scene.listed() == set()


def test_records_stay_if_asked_for(scene: Scene) -> None:
    scene.run("1")
    scene.age()
    scene.collect(keep_records=True, keep_last=0)
    assert scene.runs() == {"1"}
    assert collected_at(scene.record("1")) is not None
    assert scene.listed() == set()
    scene.collect(keep_last=0)
    assert scene.runs() == {"1"}


def test_code_goes_with_the_last_run_that_has_it(scene: Scene) -> None:

    code, other = "c" * 64, "d" * 64
    for run_id, sha256 in (("1", code), ("2", code), ("3", other)):
        scene.datastore.put(code_key(FLOW, sha256), [b"archive"])
        scene.metadata.write([attrs.evolve(scene.run(run_id), code=sha256)])
    scene.age()
    scene.collect(run_ids=frozenset({"1", "3"}))
    assert scene.listed(f"{FLOW}/code") == {code_key(FLOW, code)}
    scene.collect(run_ids=frozenset({"2"}))
    assert scene.listed(f"{FLOW}/code") == set()


def test_code_that_deployments_may_need_stays(scene: Scene) -> None:
    """What no run ever named, and what a deployment has marked."""

    deployed, framework = "c" * 64, "d" * 64
    for sha256 in (deployed, framework):
        scene.datastore.put(code_key(FLOW, sha256), [b"archive"])
    scene.datastore.put(code_keep_key(FLOW, deployed), [])
    scene.metadata.write([attrs.evolve(scene.run("1"), code=deployed)])
    scene.age()
    assert scene.collect(keep_last=0).orphan_count == 0
    kept = {code_key(FLOW, deployed), code_keep_key(FLOW, deployed), code_key(FLOW, framework)}
    assert scene.listed(f"{FLOW}/code") == kept


def test_large_buffers_of_the_items_of_a_split_are_named_by_it(scene: Scene) -> None:
    numpy = pytest.importorskip("numpy")
    large = [numpy.random.default_rng(number).random(200_000) for number in range(2)]
    items = scene.store.save_items("arrays", [1, *large, "text"])
    scene.run("1")
    manifest = Manifest(FLOW, "1", "split", "9", 0, {}, transition=Transition(("work",), items=items))
    scene.store.write_manifest(manifest)
    assert len(scene.listed(f"{FLOW}/blobs")) == 4
    scene.age()
    scene.collect()
    loaded = [scene.store.load_item(items, index) for index in range(4)]
    assert (loaded[1] == large[0]).all()
    assert (loaded[2] == large[1]).all()
    scene.collect(keep_last=0)
    scene.age()
    scene.collect()
    assert scene.listed() == set()


def test_other_programs_objects_are_left_alone(scene: Scene) -> None:
    others = {f"{FLOW}/blobs/readme", f"{FLOW}/models/final.bin", f"{FLOW}/blobs/ab/short"}
    for key in others:
        scene.datastore.put(key, [b"mine"])
    scene.run("1")
    scene.age()
    scene.collect(keep_last=0)
    assert scene.listed() == others


def test_the_grace_period_fits_the_store(scene: Scene) -> None:
    from flowkit.collection.collector import FlowCollector
    from flowkit.model.task import StoreRef

    if not isinstance(scene.datastore, CopyingStore):
        pytest.skip("renewed at once")
    ref = StoreRef("local", scene.datastore.root)
    with pytest.raises(ConfigurationError, match="FLOWKIT_GC_GRACE"):
        FlowCollector(scene.metadata, scene.datastore, ref, FLOW, Selection(), grace=GRACE - 1)
