"""One replay: compute everything anew that the captures can give, and commit what differs from what is stored."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.clock import Clock
from pipelines.keep.upkeep import Upkeep, keep_up
from pipelines.options import VERSION
from pipelines.plan import tell_versions
from pipelines.replay.changes import Changes
from pipelines.replay.extractor import Extract, Extractor
from pipelines.replay.passes import Passes, Start
from pipelines.replay.remember import pages_replayed, pages_retagged, stories_replayed, stories_retagged
from pipelines.replay.replayed import Tagger
from pipelines.replay.writer import RowWriter
from schemas.errors import UserError
from schemas.records import Run, record
from seeds.topics import load_topics
from transforms.tag.rulebook import compile_rules
from transforms.write.history import History
from transforms.write.manifest import files_of, newest_version, read_manifests
from transforms.write.memory import STORY_WINDOW, Memory
from transforms.write.store import Root, absolute

SHOWN = 20
"""Rows told of one by one unless all are asked for."""

Tell = Callable[[int, int], None]
"""Is given how many captures (or stored articles) are done, and of how many."""


@record
class ReplayOptions:
    """What to replay, and how; `start` is the first stage that is done anew, by default what `rules` asks for."""

    data: Root
    start: Start | None = None
    rules: Path | None = None
    jobs: int = 1
    is_dry: bool = False
    shows_all: bool = False

    @property
    def first_stage(self) -> Start:
        """The first stage that is done anew."""
        return self.start or ("tag" if self.rules else "extract")


@dataclass(frozen=True)
class Outcome:
    """How a replay ended: what changed in lines, what could not be read, and its row in `runs` if it wrote anything."""

    lines: list[str]
    rows_changed: int
    problems: list[str]
    not_replayed: int
    run: Run | None


def replay(
    options: ReplayOptions,
    *,
    clock: Clock,
    wait_s: float = 0.0,
    tell: Tell | None = None,
    extract: Extract | None = None,
) -> Outcome:
    """Replay a data set and commit what differs as rows of this run; nothing at all is written where nothing differs.

    UserError if there is no data set, if it is held by another run, or for a mistake in the rules.
    """
    topics = load_topics(options.rules)
    told = {"from": options.first_stage, "rules": str(options.rules or ""), "jobs": options.jobs}
    held_open = _look(options.data, clock) if options.is_dry else None
    with held_open or keep_up(options.data, "replay", options=told, clock=clock, wait_s=wait_s) as held:
        history = History(root=held.root, files=held.files)
        changes = Changes(history, since=clock() - STORY_WINDOW, most_lines=None if options.shows_all else SHOWN)
        # Of rows with one key the latest counts, and a clock may have been ahead.
        started_at = max(held.run.started_at, changes.latest + timedelta(microseconds=1))
        held = replace(held, run=replace(held.run, started_at=started_at, versions=tell_versions(topics)))
        where: dict[str, Any] = {"run_id": held.run.run_id, "now": started_at}
        memory = Memory.of(held.root, held.newest)
        extractor = Extractor(history, jobs=options.jobs, extract=extract, **where)
        writer = RowWriter(held.root, held.run, is_dry=options.is_dry)
        passes = Passes(
            history,
            memory,
            start=options.first_stage,
            tagger=Tagger(rulebook=compile_rules(topics), **where),
            extractor=extractor,
        )
        counts: Counter[str] = Counter()
        problems: list[str] = []
        try:
            for made in passes.replay():
                changes.take(made, writer)
                counts.update(made.counts)
                problems += made.problems
                if tell:
                    tell(counts["in"], passes.total)
        finally:
            extractor.close()
        changes.finish(writer)
        run = None
        if changes.rows and not options.is_dry:
            counts.update(changes.counts())
            run = held.finish(
                files=writer.finish(),
                counts={f"replay/{name}": number for name, number in counts.items()},
                clock=clock,
                memory_rows=_remembered(memory, passes, changes, options.first_stage, clock()),
            )
        return Outcome(
            lines=changes.tell(),
            rows_changed=sum(changes.rows.values()),
            problems=problems,
            not_replayed=changes.not_replayed,
            run=run,
        )


def _remembered(memory: Memory, passes: Passes, changes: Changes, start: Start, now: datetime) -> dict[str, list[Any]]:
    """The rows of memory that the changes call for."""
    if start == "extract":
        pages = pages_replayed(memory, passes.pages.states, now)
    else:
        pages = pages_retagged(memory, changes.gone, changes.back, now)
    if start == "tag":
        stories = stories_retagged(memory, changes.gone, changes.back, changes.back_in_stories, now)
    else:
        stories = stories_replayed(memory, passes.line.remembered.values(), now)
    return {"pages": pages, "stories": stories}


@contextmanager
def _look(data: Root, clock: Clock) -> Iterator[Upkeep]:
    """A data set as it stands, held by nobody, to look at without writing."""
    root = absolute(data)
    version = newest_version(root)
    if not version:
        raise UserError(f"{data}: no data set here; make one with: icewire ingest --feeds FILE --data {data}")
    manifests = list(read_manifests(root, version))
    now = clock()
    run = Run(
        run_id=f"{now:%Y%m%dT%H%M%SZ}-replay-{secrets.token_hex(3)}",
        verb="replay",
        started_at=now,
        finished_at=now,
        runner="none",
        options="{}",
        versions=f'{{"icewire": "{VERSION}"}}',
        data_version=version + 1,
        counts=(),
        data_missing=False,
    )
    yield Upkeep(root=root, run=run, newest=manifests[0], files=tuple(files_of(manifests)))
