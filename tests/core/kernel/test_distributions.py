from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import importlib_metadata
import pytest

from flowkit.kernel.distributions import find_plugins, normalize
from support.distributions import Site
from support.project import Project


def found(path: Path) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.module, one.distribution, one.version) for one in find_plugins([str(path)])]


def test_entry_points_of_our_group_are_found_and_others_are_not(site: Site) -> None:
    other = "[console_scripts]\nflowkit = a:b\n[flowkit.other]\nno = x\n# a comment\n"
    site.distribution("flowkit-one", "1.2", {"one": "one_plugin", "uno": "uno_plugin [extra]"}, others=other)
    (site.folder / "empty-1.0.dist-info").mkdir()
    assert found(site.folder) == [
        ("one", "one_plugin", "flowkit-one", "1.2"),
        ("uno", "uno_plugin", "flowkit-one", "1.2"),
    ]


def test_a_group_whose_name_only_begins_with_ours_has_no_plugins(site: Site) -> None:
    info = site.folder / "x-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[flowkit_extra]\na = b\n[other]\nflowkit = c\n")
    assert found(site.folder) == []


def test_what_the_library_finds_is_found(site: Site) -> None:
    site.distribution("flowkit-one", "1.2", {"one": "one_plugin"})
    site.distribution("Flowkit.Two", "3", {"two": "two_plugin"}, others="[a]\nx = y\n")
    site.distribution("flowkit-three", "0.1", {"three": "three_plugin"}, suffix=".egg-info")
    library = [
        (point.name, point.value, distribution.metadata["Name"], distribution.version)
        for distribution in importlib_metadata.distributions(path=[str(site.folder)])
        for point in distribution.entry_points
        if point.group == "flowkit"
    ]
    assert len(library) == 3
    assert found(site.folder) == sorted(library)


def test_of_a_distribution_that_is_there_twice_the_first_counts(tmp_path: Path) -> None:
    sites = [Site(tmp_path / "a"), Site(tmp_path / "b")]
    for number, one in enumerate(sites):
        one.folder.mkdir()
        one.distribution("flowkit-one", f"{number}.0", {"one": f"module_{number}"})
    paths = [str(one.folder) for one in sites]
    assert [one.module for one in find_plugins(paths)] == ["module_0"]
    assert [one.module for one in find_plugins(paths[::-1])] == ["module_1"]


def test_a_distribution_without_plugins_hides_a_later_one_of_its_name(tmp_path: Path) -> None:
    first, second = Site(tmp_path / "a"), Site(tmp_path / "b")
    first.folder.mkdir()
    second.folder.mkdir()
    (first.folder / "flowkit_one-2.0.dist-info").mkdir()
    second.distribution("flowkit-one", "1.0", {"one": "m"})
    assert find_plugins([str(first.folder), str(second.folder)]) == []


def test_a_zip_on_the_path_is_left_to_the_library(tmp_path: Path) -> None:
    archive = tmp_path / "plugin.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("flowkit_zipped-4.0.dist-info/METADATA", "Name: flowkit-zipped\nVersion: 4.0\n")
        content.writestr("flowkit_zipped-4.0.dist-info/entry_points.txt", "[flowkit]\nzipped = zipped_plugin\n")
    assert found(archive) == [("zipped", "zipped_plugin", "flowkit-zipped", "4.0")]


def test_a_finder_of_another_kind_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.distribution("flowkit-far", "1", {"far": "far_plugin"})
    hidden = [str(site.folder)]

    class Finder:
        def find_distributions(self, context: object) -> object:
            finder = importlib_metadata.MetadataPathFinder
            return finder.find_distributions(importlib_metadata.DistributionFinder.Context(path=hidden))

    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in hidden])
    assert "far" not in {one.name for one in find_plugins()}
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert "far" in {one.name for one in find_plugins()}


def test_places_that_are_not_there_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not an archive")
    assert find_plugins([str(tmp_path / "nowhere"), str(file), ""]) == []


def test_an_editable_install_is_found(project: Project, site: Site) -> None:
    """A real wheel of an editable install, as the build backend makes it, unpacked where site-packages would be."""
    project.write(
        "pyproject.toml",
        """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "flowkit-edited"
        version = "5.6"
        [project.entry-points.flowkit]
        edited = "flowkit_edited"
        [tool.hatch.build.targets.wheel]
        packages = ["src/flowkit_edited"]
        """,
    )
    project.write("src/flowkit_edited/__init__.py", "import flowkit.plugin\n")
    project.python("-c", "from hatchling.build import build_editable as b; b('dist')", check=True)
    (wheel,) = (project.path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site.folder)
    program = (
        f"import site; site.addsitedir({str(site.folder)!r})\n"
        "from flowkit.kernel.registry import default_registry\n"
        "print(dict(default_registry().versions())['flowkit-edited'])\n"
        "import flowkit_edited; print(flowkit_edited.__file__)\n"
    )
    version, file = project.python("-c", program, check=True).stdout.split()
    assert version == "5.6"
    assert Path(file) == project.path / "src/flowkit_edited/__init__.py"


def test_discovery_reads_no_metadata_library(project: Project) -> None:
    program = (
        "import sys; from flowkit.kernel.registry import default_registry; default_registry()\n"
        "print(sorted({'importlib_metadata', 'importlib.metadata', 'click', 'email', 'zipfile'} & set(sys.modules)))"
    )
    assert project.python("-c", program, check=True).stdout.strip() == "[]"


def test_two_spellings_of_a_name_are_one() -> None:
    assert normalize("Flowkit_AWS.x") == normalize("flowkit-aws-x")
