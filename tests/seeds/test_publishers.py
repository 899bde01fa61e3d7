"""The publishers file loads as written, every mistake in it is one clear line, and its document shows what works."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from schemas.errors import UserError
from seeds.publishers import load_publishers

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "adding-a-publisher.md").read_text(encoding="utf-8")
SMALL = """
[[publishers]]
name = "The Valley Ledger"
hosts = ["valleyledger.example", "ledger.example"]
zone = "America/Chicago"

[[publishers.quirks]]
valid_from = 2024-01-01
valid_until = 2024-12-31
reason = "Boxes within the text."
golden = "valley-ledger"
drop = ".box, p:has(.more)"

[[publishers.quirks]]
valid_from = 2025-01-01
reason = "The same under another name."
golden = "valley-ledger-2025"
drop = ".aside"

[[publishers]]
name = "Channel Six"
hosts = ["six.example"]
zone = "America/New_York"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "publishers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_file_loads() -> None:
    publishers = load_publishers()
    assert len({publisher.name for publisher in publishers.values()}) > 4
    assert sum(len(publisher.quirks) for publisher in publishers.values()) >= 4


def test_publishers_are_found_by_each_of_their_hosts(tmp_path: Path) -> None:
    publishers = load_publishers(write(tmp_path, SMALL))
    assert set(publishers) == {"valleyledger.example", "ledger.example", "six.example"}
    ledger = publishers["ledger.example"]
    assert ledger is publishers["valleyledger.example"]
    assert (ledger.name, ledger.zone) == ("The Valley Ledger", "America/Chicago")
    old, new = ledger.quirks
    assert (old.valid_from, old.valid_until, old.path) == (date(2024, 1, 1), date(2024, 12, 31), "/")
    assert (new.drop, new.valid_until) == (".aside", None)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ('drop = ".aside"', 'dorp = ".aside"', "The Valley Ledger, quirk 2: field 'dorp': Object contains unknown"),
        ('zone = "America/New_York"', 'zone = "Eastern"', "Channel Six: field 'zone': 'Eastern' is no time zone"),
        ('zone = "America/New_York"', 'zone = "../../etc/passwd"', "Channel Six: field 'zone': '../../etc/passwd' is"),
        ('zone = "America/New_York"', "", "Channel Six: field 'quirks': neither zone nor quirks are given"),
        ('hosts = ["six.example"]', "hosts = []", "Channel Six: field 'hosts': is empty; name at least one host"),
        ('"six.example"', '"https://six.example/"', "Channel Six: field 'hosts': 'https://six.example/' is no host"),
        ('"six.example"', '"www.six.example"', "Channel Six: field 'hosts': 'www.six.example' is no host"),
        ('"six.example"', '"ledger.example"', "Channel Six: field 'hosts': 'ledger.example' is also The Valley"),
        ('hosts = ["six.example"]', 'hosts = "six.example"', "Channel Six: field 'hosts': Expected `array`, got `str`"),
        ("valid_from = 2025-01-01", "valid_from = 2024-12-31", "quirk 2: field 'valid_from': its time overlaps"),
        ("valid_from = 2025-01-01", 'valid_from = "soon"', "quirk 2: field 'valid_from': Invalid RFC3339 encoded date"),
        ("valid_until = 2024-12-31", "valid_until = 2023-12-31", "quirk 1: field 'valid_until': 2023-12-31 is before"),
        ("valid_until = 2024-12-31\n", "", "quirk 2: field 'valid_from': its time overlaps that of quirk 1"),
        ('drop = ".aside"', 'drop = ".aside >"', "quirk 2: field 'drop': '.aside >' is no CSS selector (Expected"),
        ('drop = ".aside"', 'drop = "p:hover::before"', "quirk 2: field 'drop': 'p:hover::before' is no CSS selector"),
        ('drop = ".aside"', "", "quirk 2: field 'drop': no selector is given; give at least one of drop, body, title"),
        ('drop = ".aside"', 'drop = ".aside"\npath = "news"', "quirk 2: field 'path': 'news' does not begin with /"),
        ('golden = "valley-ledger-2025"', 'golden = "../a"', "quirk 2: field 'golden': '../a' is no name of a"),
        ('reason = "Boxes within the text."', 'reason = " "', "quirk 1: field 'reason': is empty; say what"),
        ('name = "Channel Six"', "", "publisher 2: field 'name': Object missing required field `name`"),
        ("[[publishers]]", "[[publisher]]", "the file: field 'publisher': Object contains unknown field `publisher`"),
        ("[[publishers]]", "[publishers", "is not TOML in UTF-8"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(tmp_path: Path, written: str, instead: str, told: str) -> None:
    assert written in SMALL
    with pytest.raises(UserError) as caught:
        load_publishers(write(tmp_path, SMALL.replace(written, instead)))
    assert told in str(caught.value)
    assert "publishers.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_quirks_for_other_paths_may_hold_at_the_same_time(tmp_path: Path) -> None:
    both = SMALL.replace("valid_from = 2025-01-01", 'valid_from = 2024-06-01\npath = "/blog/"')
    assert len(load_publishers(write(tmp_path, both))["ledger.example"].quirks) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name an existing publishers file"):
        load_publishers(tmp_path / "none.toml")


def test_the_entry_that_the_document_shows_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.S)
    publisher = load_publishers(write(tmp_path, "\n".join(blocks)))["valleyledger.example"]
    assert publisher.zone == "America/Chicago"
    assert [(quirk.path, quirk.golden) for quirk in publisher.quirks] == [("/homenews/", "the-hill")]


def test_the_commands_of_the_document_do_what_it_says() -> None:
    extract, prove, replay = (" ".join(block.split()) for block in re.findall(r"```sh\n(.*?)```", DOCUMENT, re.S))
    answer = json.loads(run(extract))
    assert "+ publisher (" in answer["extractor"]
    assert "MORE" not in answer["text"]
    assert ".." in run(prove)
    assert replay.startswith("icewire replay --data")
    assert "--dry-run" in run("icewire replay --help")


def run(command: str) -> str:
    here = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    ours = command.replace("icewire ", "python -m pipelines.cli ", 1) if command.startswith("icewire") else command
    ours = ours.replace("| icewire ", "| python -m pipelines.cli ")
    done = subprocess.run(["bash", "-c", ours], cwd=ROOT, env=here, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
