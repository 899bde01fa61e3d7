"""The documents say what the code does: stages, tables, columns, verbs and commands."""

import re
from pathlib import Path

import pytest

from pipelines.balance import STAGES
from pipelines.cli import icewire
from pipelines.table_docs import render_tables
from schemas.tables import TABLES, describe

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def test_tables_md_is_written_from_the_records() -> None:
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == render_tables(), "run: make tables"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_described(table: object) -> None:
    assert [name for name, _, about in describe(table) if not about] == []  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", STAGES)
def test_dataflow_md_tells_of_every_stage(stage: str) -> None:
    assert f"## {stage}" in (DOCS / "dataflow.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", sorted(icewire.commands))
def test_operating_md_tells_of_every_verb_and_its_options(verb: str) -> None:
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    assert f"`icewire {verb}" in text
    for parameter in icewire.commands[verb].params:
        for flag in parameter.opts:
            assert not flag.startswith("--") or f"`{flag}" in text, f"{verb} {flag}"


@pytest.mark.parametrize("verb", sorted(icewire.commands))
def test_every_verb_has_examples_in_its_help(verb: str) -> None:
    assert icewire.commands[verb]._examples.strip()  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", re.findall(r"^\s*(?:\$ )?icewire (\w+)", README, re.MULTILINE))
def test_every_command_of_the_readme_exists(command: str) -> None:
    assert command in icewire.commands


@pytest.mark.parametrize("target", re.findall(r"\bmake (\w+)", README))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_glossary_defines_every_record_and_table() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8").lower()
    for table in TABLES.values():
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", table.row.__name__).lower()
        assert f"**{words}**" in glossary, words
