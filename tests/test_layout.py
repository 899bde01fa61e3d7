"""The house rules, held over the syntax tree: who may import whom, and which edge has which home."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("schemas", "seeds", "transforms", "pipelines")
STAGES = ("discover", "download", "extract", "link", "tag", "write")
MODULES = sorted(path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))

NETWORK = tuple(Path(name) for name in ("transforms/client.py", "transforms/lookup.py", "pipelines/newsroom/server.py"))

EDGES = {
    # what may be imported only at home -> whether a module is its home
    "apache_beam": lambda path: path.name == "beam.py" or path.parts[0] == "pipelines",
    "aiohttp": lambda path: path in (Path("transforms/client.py"), Path("pipelines/newsroom/server.py")),
    "socket": lambda path: path in NETWORK,
    "urllib.request": lambda path: False,
    "requests": lambda path: False,
    "feedparser": lambda path: path.parts[:2] == ("transforms", "discover"),
    "trafilatura": lambda path: path.parts[:2] == ("transforms", "extract"),
    "pyarrow": lambda path: (
        path == Path("schemas/arrow.py") or path.parts[1] == "write" or path.parts[0] == "pipelines"
    ),
    "warcio": lambda path: _in(path, "transforms/write"),
    "shutil": lambda path: _in(path, "transforms/write") or _in(path, "pipelines"),
    "time": lambda path: _in(path, "pipelines"),
}

ONE_FILE = ("feedparser", "trafilatura", "warcio", "tomli_w")
"""Big libraries whose types stay in the file that calls them."""

MAX_LINES = 220


def _in(path: Path, folder: str) -> bool:
    return path.is_relative_to(folder)


def imports(path: Path) -> Iterator[str]:
    """Every module name a file imports, wherever in the file."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write it out"
            yield node.module or ""


def stage_of(module: str) -> str | None:
    """The stage a dotted name belongs to, if it is inside one."""
    parts = module.split(".")
    return parts[1] if parts[0] == "transforms" and len(parts) > 1 and parts[1] in STAGES else None


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_layer_imports_only_layers_before_it(path: Path) -> None:
    allowed = LAYERS[: LAYERS.index(path.parts[0]) + 1]
    for name in imports(path):
        if name.split(".")[0] in LAYERS:
            assert name.split(".")[0] in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "transforms"], ids=str)
def test_stages_meet_only_in_schemas_and_the_shared_modules(path: Path) -> None:
    here = stage_of(".".join(path.with_suffix("").parts))
    for name in imports(path):
        assert stage_of(name) in (None, here), f"{path} imports {name} of another stage"
        if path.parts[0] == "transforms":
            loads_seeds = name.startswith("seeds") and not name.startswith("seeds.topics")
            assert not loads_seeds, f"{path} imports {name}: seeds are passed in"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_each_edge_has_one_home(path: Path) -> None:
    for name in imports(path):
        for edge, is_home in EDGES.items():
            if name == edge or name.startswith(f"{edge}."):
                assert is_home(path), f"{path} imports {name}"


@pytest.mark.parametrize("library", ONE_FILE)
def test_a_big_library_is_called_from_one_file(library: str) -> None:
    callers = [path for path in MODULES if any(name.split(".")[0] == library for name in imports(path))]
    assert len(callers) == 1, callers


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_the_clock_is_read_only_at_home(path: Path) -> None:
    if path == Path("transforms/web.py") or path.parts[0] == "pipelines":
        return
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            read = (node.value.id, node.attr)
            assert read not in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}, path


@pytest.mark.parametrize("stage", STAGES)
def test_thinking_loads_without_beam(stage: str) -> None:
    init = (ROOT / "transforms" / stage / "__init__.py").read_text(encoding="utf-8")
    assert len(ast.parse(init).body) == 1, "a stage's __init__ is a docstring"
    assert (ROOT / "transforms" / stage / "beam.py").exists(), "a stage wires itself in its beam.py"


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "records.py"], ids=str)
def test_a_module_stays_small(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_the_stages_sort_in_the_order_records_flow() -> None:
    folders = [path.name for path in sorted((ROOT / "transforms").iterdir()) if (path / "beam.py").exists()]
    assert folders == list(STAGES)
