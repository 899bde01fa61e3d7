"""One scheduled pass: poll the feeds, fetch what is new or due, and commit what came of it.

python -m pipelines.ingest --feeds FILE --data DIR [Beam's flags]
"""

import json
import logging
import secrets
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.clock import Clock
from pipelines.options import VERSION, IngestOptions, check_options
from pipelines.progress import Progress, show_progress
from schemas.errors import UserError
from schemas.records import FeedTurn, Run, record
from schemas.tables import from_arrow
from seeds.feeds import load_feeds
from seeds.topics import Topics, load_topics
from transforms.addresses import redact
from transforms.tag.rulebook import compile_rules
from transforms.web_thread import WebThread
from transforms.write.commit import committed_version, hold_data_set
from transforms.write.manifest import newest_version, read_manifest
from transforms.write.memory import Memory


@record
class Outcome:
    """How a pass ended: its row in `runs`, and whether it was run now or had been committed before."""

    run: Run
    was_committed: bool = False


def ingest(options: IngestOptions, progress: Progress = show_progress) -> Outcome:
    """Run one pass and commit it; UserError if it cannot start, with nothing written.

    A run id that was committed before writes nothing and gives the run as it was.
    """
    check_options(options)
    feeds = load_feeds(options.feeds)
    topics = load_topics(options.topics)
    clock = Clock(fixed=options.now)
    started_at = clock()
    run_id = options.run_id or f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with hold_data_set(options.data, run_id) as base_version:
        if options.run_id and (done := committed_version(options.data, run_id)):
            return Outcome(run=read_run(options.data, done), was_committed=True)
        memory = Memory.of(options.data, read_manifest(options.data, base_version) if base_version else None)
        known = memory.feeds()
        turns = tuple(FeedTurn(feed=feed, memory=known.get(feed.feed_id)) for feed in feeds if feed.enabled)
        due = tuple(memory.due_pages(started_at))
        run = Run(
            run_id=run_id,
            verb="ingest",
            started_at=started_at,
            finished_at=started_at,
            runner=options.runner(),
            options=_describe(options),
            versions=_versions(topics),
            data_version=base_version + 1,
            counts=(),
            data_missing=False,
        )
        from pipelines.flow import PassPlan

        plan = PassPlan(
            run=run,
            root=options.data.resolve(),
            day=f"{started_at:%Y-%m-%d}",
            turns=turns,
            due=due,
            feeds={feed.feed_id: feed for feed in feeds},
            memory=Memory(root=str(options.data.resolve()), files=memory.files),
            rulebook=compile_rules(topics),
            settings=options.web_settings(run_id),
            clock=clock,
            keep_off_domain=options.keep_off_domain,
        )
        with progress(run, len(turns)):
            _run_pipeline(plan, options)
    if newest_version(options.data) < run.data_version:
        raise UserError(f"{options.data}: runner {run.runner} ended without a commit; nothing was written")
    return Outcome(run=read_run(options.data, run.data_version))


def read_run(data: Path, data_version: int) -> Run:
    """The row in `runs` of the run that wrote a version."""
    import pyarrow.parquet as pq

    (file,) = (file for file in read_manifest(data, data_version).added if file.kind == "runs")
    (run,) = from_arrow(Run, pq.ParquetFile(data / file.path).read())
    return run


def _run_pipeline(plan: Any, options: IngestOptions) -> None:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    from pipelines.flow import build_flow

    logging.getLogger().setLevel(logging.WARNING)
    given = list(options.beam)
    if not any(flag == "--runner" or flag.startswith("--runner=") for flag in given):
        given.append(f"--runner={plan.run.runner}")
    try:
        pipeline = beam.Pipeline(options=PipelineOptions(given))
    except ValueError as error:
        raise UserError(f"--runner {plan.run.runner}: {error}") from None
    build_flow(pipeline, plan)
    try:
        pipeline.run().wait_until_finish()
    finally:
        WebThread.shared().close_webs()


def _describe(options: IngestOptions) -> str:
    shown: dict[str, Any] = {}
    for name in IngestOptions.__dataclass_fields__:
        value = getattr(options, name)
        if isinstance(value, Path):
            value = str(value)
        elif isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, str):
            value = redact(value)
        shown[name] = value
    return json.dumps(shown, sort_keys=True)


def _versions(topics: Topics) -> str:
    packages = ("apache-beam", "feedparser", "trafilatura", "pyarrow")
    return json.dumps(
        {"icewire": VERSION, "rules": topics.version, **{name: version(name) for name in packages}}, sort_keys=True
    )


def main() -> None:
    """The entry point that schedulers and Dataflow launch: the same flags as `icewire ingest`."""
    from pipelines.cli import main as icewire

    icewire(["ingest", *sys.argv[1:]])


if __name__ == "__main__":
    main()
