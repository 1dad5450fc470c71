# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: the arrows between the rooms of the house run one way."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Set

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
SIMULATOR = ROOT / "tests" / "simulator" / "src"

COLLECTION = "ansible_collections.mdmkit.apps_books"

# room: the other rooms that it may import. All of them may import _model, which imports none.
ARROWS: Dict[str, Set[str]] = {
    "modules": {"_module"},
    "_module": {"_apply", "_wanted", "_state", "_plan", "_export", "_api", "_whole_file"},
    "_apply": {"_plan", "_state", "_api"},
    "_state": {"_api", "_whole_file"},
    "_export": {"_plan", "_wanted", "_whole_file"},
    "_wanted": set(),
    "_plan": set(),
    "_api": set(),
    "_model": set(),
    "_whole_file": set(),
}

# What may be used where it can be imported, beside the standard library.
THIRD_PARTY = {"requests", "orjson", "yaml"}


class Import(NamedTuple):
    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.name}"


def imports_of(file: Path) -> Iterator[Import]:
    """Every import of a file, wherever it stands in it, by its absolute name."""
    package = [COLLECTION, *file.relative_to(ROOT).with_suffix("").parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                yield Import(file, node.lineno, f"{module}.{alias.name}")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("__import__", "import_module"):
            yield Import(file, node.lineno, "something by its name")


def files_below(folder: Path) -> List[Path]:
    return sorted(file for file in folder.rglob("*.py") if "egg-info" not in str(file))


ALL = [found for file in files_below(PLUGINS) for found in imports_of(file)]
FILES_OF_THE_HOUSE = files_below(PLUGINS / "modules") + files_below(PLUGINS / "module_utils")
OF_THE_HOUSE = [found for found in ALL if found.file in FILES_OF_THE_HOUSE]


def room_of(file: Path) -> str:
    parts = file.relative_to(PLUGINS).with_suffix("").parts
    return parts[1] if parts[0] == "module_utils" else parts[0]


def imported_room(found: Import) -> str:
    """The room of ours that is imported, or an empty text."""
    prefix = COLLECTION + ".plugins.module_utils."
    return found.name[len(prefix):].split(".")[0] if found.name.startswith(prefix) else ""


def told(imports: List[Import]) -> List[str]:
    return [str(found) for found in imports]


def test_there_is_something_to_look_at() -> None:
    arrows = {(room_of(found.file), imported_room(found)) for found in OF_THE_HOUSE} - {("", "")}

    assert len(FILES_OF_THE_HOUSE) > 30
    assert {("modules", "_module"), ("_module", "_apply"), ("_apply", "_plan"), ("_apply", "_api"), ("_state", "_api"), ("_module", "_wanted")} <= arrows
    assert {("_plan", "_model"), ("_api", "_model"), ("_wanted", "_model")} <= arrows


def test_every_file_belongs_to_a_room() -> None:
    rooms = {room_of(file) for file in FILES_OF_THE_HOUSE} - {"__init__"}

    assert rooms == set(ARROWS), "a new room needs its arrows here and in the design"
    empty = [file for file in FILES_OF_THE_HOUSE if file.name == "__init__.py" and file.read_text(encoding="utf-8").strip()]
    assert empty == [], "nothing hides in the files that make packages"


@pytest.mark.parametrize("room", ARROWS)
def test_arrows_run_one_way(room: str) -> None:
    allowed = {room, *ARROWS[room]} | ({"_model"} if room != "_model" else set())
    wrong = [found for found in OF_THE_HOUSE if room_of(found.file) == room and imported_room(found) and imported_room(found) not in allowed]

    assert told(wrong) == []


def test_the_arrows_make_no_circle() -> None:
    reached: Dict[str, Set[str]] = {}

    def follow(room: str) -> Set[str]:
        if room not in reached:
            reached[room] = set()
            reached[room] = ARROWS[room].union(*(follow(other) for other in ARROWS[room]))
        return reached[room]

    assert [room for room in ARROWS if room in follow(room)] == []


def test_only_the_room_module_knows_ansible() -> None:
    wrong = [found for found in OF_THE_HOUSE if found.name.split(".")[0] == "ansible" and room_of(found.file) != "_module"]

    assert told(wrong) == []


def test_only_the_transport_knows_requests() -> None:
    wrong = [found for found in ALL if found.name.split(".")[0] in ("requests", "urllib3") and found.file != PLUGINS / "module_utils" / "_api" / "transport.py"]

    assert told(wrong) == []


def test_nothing_else_is_needed_but_the_standard_library() -> None:
    known = set(sys.stdlib_module_names) | THIRD_PARTY | {"ansible", "ansible_collections", "__future__"}
    wrong = [found for found in OF_THE_HOUSE if found.name.split(".")[0] not in known]

    assert told(wrong) == []


def test_planning_needs_the_standard_library_only_and_neither_clock_nor_network() -> None:
    """Its tests need no server."""
    outside = {"os", "io", "time", "datetime", "random", "socket", "ssl", "urllib", "http", "subprocess", "threading", "pathlib", "logging"}
    of_plan = [found for found in ALL if room_of(found.file) == "_plan" and not found.name.startswith(COLLECTION)]

    assert of_plan
    assert told([found for found in of_plan if found.name.split(".")[0] not in sys.stdlib_module_names or found.name.split(".")[0] in outside]) == []


def test_plugins_import_nothing_from_the_tests() -> None:
    wrong = [found for found in ALL if found.name.startswith((COLLECTION + ".tests", "tests", "vpp_simulator"))]

    assert told(wrong) == []


def test_modules_are_imported_by_nobody() -> None:
    wrong = [found for found in ALL if found.name.startswith(COLLECTION + ".plugins.modules")]

    assert told(wrong) == []


def test_the_simulator_imports_nothing_from_the_collection() -> None:
    """It must be able to disagree with us."""
    found = [other for file in files_below(SIMULATOR) for other in imports_of(file)]

    assert len(found) > 50
    assert told([other for other in found if other.name.split(".")[0] in ("ansible_collections", "ansible", "plugins", "something by its name")]) == []


def test_module_files_are_thin() -> None:
    """Documentation, an argument spec, and one call: logic that a second module could want lives elsewhere."""
    for file in files_below(PLUGINS / "modules"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        assert functions == ["main"], file.name
        (main,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        branches = [node for node in ast.walk(main) if isinstance(node, (ast.If, ast.For, ast.While, ast.Try, ast.With))]
        assert branches == [], file.name
