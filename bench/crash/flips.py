"""Flip single bits of a data set's files, cut and empty them: `icewire verify` must name the very file, every time."""

import shutil
from pathlib import Path

from bench.crash.child import draw
from bench.crash.operations import Operation
from bench.crash.oracle import Problem
from bench.crash.reading import read_named
from bench.crash.tally import Tally
from schemas.errors import UserError
from transforms.write.store import LOCK
from transforms.write.verify import verify

WHOLE_FILES_EACH = 10
"""After so many flips one file is cut short, and one emptied."""


def flip_bits(operation: Operation, root: Path, count: int, seed: int, tally: Tally) -> None:
    """Flip so many bits, one at a time: each in a file that the seed draws, at a place that it draws."""
    operation.copy_to(root)
    left = {root / path for path in read_named(root).earlier_memory}  # no part of it, and gone at the next start
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name != LOCK and path not in left)
    for number in range(count):
        chance = draw(seed, "flip", number)
        path = chance.choice(files)
        content = path.read_bytes()
        damaged, fault = bytearray(content), "flipped bit"
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        if number % WHOLE_FILES_EACH:
            damaged[place] ^= 1 << bit
        elif number % (2 * WHOLE_FILES_EACH):
            damaged, fault = damaged[:place], "cut file"
        else:
            damaged, fault = bytearray(), "empty file"
        path.write_bytes(damaged)
        problems = _judge(root, str(path.relative_to(root)))
        path.write_bytes(content)
        tally.add(
            fault, "verify", problems, at=f"byte {place} bit {bit} of {path.relative_to(root)}", again="--only flips"
        )
    if problems := [Problem(kind="else", told=each.line()) for each in verify(root).findings]:
        tally.add("no fault at all", "verify", problems, at="the end")
    shutil.rmtree(root)


def _judge(root: Path, path: str) -> list[Problem]:
    try:
        named = {finding.path for finding in verify(root).findings}
    except UserError as error:
        return [] if path in str(error) else [Problem(kind="else", told=f"verify ends with: {error}")]
    if path not in named:
        return [Problem(kind="lost", told=f"it is not found; named are {sorted(named)}")]
    return []
