"""Attack the data set: kills, disks that are full or broken, two writers, lost replies, flipped bits. Is anything lost?

    python -m bench.crash [--seed 1] [--kills 200] [--quick] [--only points] [--operation write] [--at 57]

Every fault strikes real verbs of the command line in processes of their own, on fresh copies of one data set; one
oracle, which reads manifests, Parquet and WARC by itself, judges what is left: at once, after the next start, and after
the verb was run again. The status is 1 if a row is lost or doubled, a file torn or left over, or a word not true.
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.crash.alongside import read_alongside
from bench.crash.disk import fill_disks
from bench.crash.flips import flip_bits
from bench.crash.operations import ARGV, GROWN, prepare
from bench.crash.oracle import Folder
from bench.crash.pairs import Begin, write_in_pairs
from bench.crash.passes_killed import kill_passes
from bench.crash.strike_objects import strike_objects
from bench.crash.strikes import fail_at_points, kill_at_instants, kill_at_points, points_of
from bench.crash.tally import Tally

PARTS = ("points", "instants", "errors", "disk", "writers", "readers", "objects", "flips", "passes")
"""What can be asked for by --only, in the order in which it is done."""


def main() -> None:
    """Attack, and print a table of what was tried and what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="seed of the data and of all chance (default 1)")
    parser.add_argument("--kills", type=int, default=200, help="kills at random instants (default 200)")
    parser.add_argument("--quick", action="store_true", help="a sample of everything, for a minute or two")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given again")
    parser.add_argument("--operation", action="append", choices=list(ARGV), help="only this verb; may be given again")
    parser.add_argument("--at", type=int, help="only this file operation of the verb, as a failure names it")
    parser.add_argument("--work", type=Path, help="where trials are made (default: a temporary folder)")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="crash-", dir=options.work) as folder:
        tally = attack(options, Path(folder))
    print(tally.table())
    print("good" if tally.is_good else "BAD")
    sys.exit(0 if tally.is_good else 1)


def attack(options: argparse.Namespace, work: Path) -> Tally:
    """Do all that was asked for, in `work`."""
    tally = Tally(options.seed)
    parts, names = options.only or PARTS, options.operation or list(ARGV)
    attacked = names if {"points", "instants", "errors", "disk"} & set(parts) else []
    operations = [prepare(name, work, options.seed) for name in attacked]
    trial = work / "trial"
    for operation in operations:
        if "points" in parts:
            step = 30 if options.quick else 1
            points = [options.at] if options.at else points_of(operation, step, options.seed)
            kill_at_points(operation, trial, points, tally)
    for number, operation in enumerate(operations):
        if "instants" in parts:
            kills = (options.kills + number) // len(operations) if not options.quick else 4
            kill_at_instants(operation, trial, kills, options.seed, tally)
    for operation in operations:
        if "errors" in parts:
            step = 80 if options.quick else 7
            points = [options.at] if options.at else points_of(operation, step, options.seed)
            fail_at_points(operation, trial, points, tally)
    if "disk" in parts:
        fill_disks(operations, work, 2 if options.quick else 20, options.seed, tally)
    if "writers" in parts:
        begin = prepare("write", work / "pairs", options.seed)
        here = Begin(place=Folder(trial, begin.shown), data=trial, passes=GROWN, put_back=partial(begin.copy_to, trial))
        write_in_pairs(here, 8 if options.quick else 60, options.seed, tally, name="two writers", only="writers")
    if "readers" in parts:
        begin = prepare("write", work / "readers", options.seed)
        read_alongside(begin, trial, 200 if options.quick else 10_000, options.seed, tally)
    if "objects" in parts:
        strike_objects(work, *((2, 4) if options.quick else (10, 20)), options.seed, tally)
    if "flips" in parts:
        flip_bits(
            prepare("write", work / "flips", options.seed), trial, 40 if options.quick else 500, options.seed, tally
        )
    if "passes" in parts and not (options.quick and options.only is None):
        kill_passes(work, 2 if options.quick else 16, options.seed, tally)
    return tally


if __name__ == "__main__":
    main()
