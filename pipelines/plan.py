"""Decide a pass before it starts: whose turn it is, which pages are due, and under which run it is all written."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

from pipelines.options import VERSION, IngestOptions
from schemas.memory import FeedTurn, PageMemory
from schemas.publishers import Publishers
from schemas.records import Feed, Run, record
from seeds.topics import Topics
from transforms.addresses import redact
from transforms.answer import WebSettings
from transforms.tag.rulebook import RuleBook, compile_rules
from transforms.write.manifest import read_manifest
from transforms.write.memory import Memory
from transforms.write.store import Root, absolute


@record
class PassPlan:
    """Everything one pass needs, decided before the pipeline starts."""

    run: Run
    root: Root
    day: str
    turns: tuple[FeedTurn, ...]
    due: tuple[PageMemory, ...]
    feeds: Mapping[str, Feed]
    memory: Memory
    publishers: Publishers
    rulebook: RuleBook
    settings: WebSettings
    clock: Callable[[], datetime]
    keep_off_domain: bool = False


def plan_pass(
    options: IngestOptions,
    feeds: tuple[Feed, ...],
    topics: Topics,
    publishers: Publishers,
    *,
    run_id: str,
    base_version: int,
    clock: Callable[[], datetime],
) -> PassPlan:
    """The plan of a pass over a data set that stands at `base_version`; it will write the next one."""
    now = clock()
    root = absolute(options.data)
    memory = Memory.of(root, read_manifest(root, base_version) if base_version else None)
    known = memory.feeds(now)
    return PassPlan(
        run=Run(
            run_id=run_id,
            verb="ingest",
            started_at=now,
            finished_at=now,
            runner=options.runner(),
            options=_describe(options),
            versions=tell_versions(topics),
            data_version=base_version + 1,
            counts=(),
            data_missing=False,
        ),
        root=root,
        day=f"{now:%Y-%m-%d}",
        turns=tuple(
            FeedTurn(feed=feed, memory=known.get(feed.feed_id), is_forced=options.all_feeds)
            for feed in feeds
            if feed.enabled
        ),
        due=tuple(memory.due_pages(now)),
        feeds={feed.feed_id: feed for feed in feeds},
        memory=memory,
        publishers=publishers,
        rulebook=compile_rules(topics),
        settings=replace(
            options.web_settings(run_id), silences=memory.silences(now), recall_robots=partial(memory.robots, now)
        ),
        clock=clock,
        keep_off_domain=options.keep_off_domain,
    )


def _describe(options: IngestOptions) -> str:
    shown: dict[str, Any] = {}
    for name in IngestOptions.__dataclass_fields__:
        value = getattr(options, name)
        if isinstance(value, PurePath):
            value = str(value)
        elif isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, str):
            value = redact(value)
        shown[name] = value
    return json.dumps(shown, sort_keys=True)


def tell_versions(topics: Topics) -> str:
    """Versions of what makes rows of bytes, as JSON."""
    packages = ("apache-beam", "feedparser", "trafilatura", "pyarrow")
    return json.dumps(
        {"icewire": VERSION, "rules": topics.version, **{name: version(name) for name in packages}}, sort_keys=True
    )
