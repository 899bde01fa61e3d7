"""The flow, once: how the stages follow each other. Every pipeline is an arrangement of these lines.

feeds ── PollFeeds ── DownloadPages ── ExtractArticles ── LinkArticles ── TagTopics ── StageTables ── CommitRun
           polls         captures          articles          stories       topic_tags
              └─────────────┴─────── dropped, dead_letters ─────┴─────────────┘
                                   CoverDays: coverage
"""

from dataclasses import replace
from typing import Any

import apache_beam as beam

from pipelines.balance import STAGES
from pipelines.plan import PassPlan
from schemas.records import Dropped, Poll
from transforms.discover.beam import PollFeeds
from transforms.discover.gaps import SILENT
from transforms.download.beam import DownloadPages
from transforms.extract.beam import ExtractArticles
from transforms.link.beam import LinkArticles
from transforms.tag.beam import TagTopics
from transforms.write.beam import CommitRun, CoverDays, KeepCaptures, RememberPages, StageTables
from transforms.write.coverage import earlier_days, lasting_gap, poll_day, standing_gap, turn_day, unread_day
from transforms.write.finish import GAP
from transforms.write.manifest import DataFile
from transforms.write.remember import remember_story

COUNTED_ONLY = frozenset({"known", "not-due", "taken-down"})
"""Reasons that are counted but not written as rows: every pass meets nearly all of them again."""


def build_flow(root: beam.Pipeline, plan: PassPlan) -> None:
    """Lay one pass into a pipeline: from the feeds whose turn it is to the commit."""
    where: dict[str, Any] = {"run_id": plan.run.run_id, "now": plan.run.started_at}
    place: dict[str, Any] = {"root": plan.root, "day": plan.day, "run_id": plan.run.run_id}

    turns = root | "Feeds" >> beam.Create(plan.turns)
    due = root | "DuePages" >> beam.Create(plan.due)

    polled = turns | "PollFeeds" >> PollFeeds(settings=plan.settings, **where)
    listed = (polled.Entry, due) | "Listed" >> beam.Flatten()
    downloaded = (
        (listed, polled.Silence)
        | "Candidates" >> beam.Flatten()
        | "DownloadPages" >> DownloadPages(feeds=plan.feeds, lookup=plan.memory.pages, settings=plan.settings, **where)
    )
    extracted = downloaded.landed | "ExtractArticles" >> ExtractArticles(publishers=plan.publishers, **where)
    linked = extracted.Article | "LinkArticles" >> LinkArticles(remembered=plan.memory.stories, **where)
    tagged = linked.articles | "TagTopics" >> TagTopics(
        rulebook=plan.rulebook, keep_off_domain=plan.keep_off_domain, **where
    )

    kept = downloaded.captures | "KeepCaptures" >> KeepCaptures(**place)
    ended = (downloaded.dropped, extracted.Dropped, linked.dropped, tagged.Dropped) | "Ended" >> beam.Flatten()
    failed = (downloaded.dead, extracted.DeadLetter, linked.dead, tagged.DeadLetter) | "Failed" >> beam.Flatten()
    dropped = (polled.Dropped, downloaded.not_visited, ended) | "Dropped" >> beam.Flatten()
    dead = (polled.DeadLetter, failed) | "Dead" >> beam.Flatten()

    pages = {
        "visit": downloaded.visits,
        "lead": downloaded.leads,
        "capture": downloaded.landed | "WithoutBytes" >> beam.Map(lambda capture: replace(capture, body=b"")),
        "article": tagged.Article,
        "dropped": ended,
        "dead": failed,
    } | "RememberPages" >> RememberPages(now=plan.run.started_at)
    stories = tagged.Story | "RememberStories" >> beam.Map(remember_story)
    days = (
        polled.Poll | "PollDays" >> beam.WithKeys(poll_day, plan.run.started_at),
        pages.PageTurn | "PageDays" >> beam.WithKeys(turn_day),
        polled.Poll | "EarlierDays" >> beam.FlatMap(earlier_days),
        turns | "LastingGaps" >> beam.FlatMap(lasting_gap, plan.run.started_at),
        polled.Dropped | "UnreadDays" >> beam.FlatMap(unread_day, plan.run.started_at),
        polled.FeedMemory | "StandingGaps" >> beam.FlatMap(standing_gap, plan.run.started_at),
        downloaded.turns | "EntryDays" >> beam.WithKeys(turn_day),
    ) | "Days" >> beam.Flatten()
    coverage = days | "CoverDays" >> CoverDays(recall=plan.memory.coverage, feeds=plan.feeds, **where)

    rows = (
        polled.Poll,
        kept.captures,
        tagged.Article,
        tagged.Story,
        tagged.TopicTag,
        dropped | "WorthARow" >> beam.Filter(_is_worth_a_row),
        dead,
        coverage,
    ) | "Rows" >> beam.Flatten()
    tables = rows | "StageTables" >> StageTables(**place)

    counted = {
        "discover/in": turns,
        "discover/out": polled.Poll | "ReadPolls" >> beam.Filter(_is_read),
        "download/in": listed,
        "download/out": downloaded.landed,
        "extract/in": downloaded.landed,
        "extract/out": extracted.Article,
        "link/in": extracted.Article,
        "link/out": linked.articles,
        "tag/in": linked.articles,
        "tag/out": tagged.Article,
        "write/in": tagged.Article,
    }
    ones = [records | f"Count {name}" >> beam.Map(_one, name) for name, records in counted.items()]
    counts = (
        (
            *ones,
            root
            | "Zeros" >> beam.Create([(f"{stage}/{side}", 0) for stage in STAGES for side in ("in", "out", "dead")]),
            dropped | "CountDropped" >> beam.Map(lambda record: (f"{record.stage}/dropped:{record.reason}", 1)),
            dead | "CountDead" >> beam.Map(lambda record: (f"{record.stage}/dead", 1)),
            polled.Poll | "CountGaps" >> beam.FlatMap(_silent_gaps),
            tables | "CountWritten" >> beam.FlatMap(_written),
        )
        | "Counts" >> beam.Flatten()
        | "SumCounts" >> beam.CombinePerKey(sum)
    )
    _ = root | "CommitRun" >> CommitRun(
        root=plan.root,
        day=plan.day,
        run=plan.run,
        memory_before=plan.memory.files,
        clock=plan.clock,
        files=(tables, kept.files) | "AllFiles" >> beam.Flatten(),
        counts=counts,
        memory_rows=(
            *(polled.FeedMemory, pages.PageMemory, stories, coverage),
            *(polled.Silence, polled.RobotsMemory, downloaded.learnt),
        )
        | "MemoryRows" >> beam.Flatten(),
    )


def _one(_: Any, name: str) -> tuple[str, int]:
    return name, 1


def _is_read(poll: Poll) -> bool:
    return poll.outcome != "error"


def _silent_gaps(poll: Poll) -> list[tuple[str, int]]:
    return [(f"{GAP}{gap.kind}", 1) for gap in poll.gaps if gap.kind in SILENT]


def _is_worth_a_row(dropped: Dropped) -> bool:
    return dropped.reason not in COUNTED_ONLY


def _written(file: DataFile) -> list[tuple[str, int]]:
    return [("write/out", file.rows)] if file.kind == "articles" else []
