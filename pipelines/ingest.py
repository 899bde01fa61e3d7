"""One scheduled pass: poll the feeds, fetch what is new or due, and commit what came of it.

python -m pipelines.ingest --feeds FILE --data DIR [Beam's flags]
"""

import logging
import secrets
import sys

from pipelines.clock import Clock
from pipelines.options import IngestOptions, check_options
from pipelines.plan import PassPlan, plan_pass
from pipelines.progress import Progress, show_progress
from schemas.arrow import from_arrow
from schemas.errors import UserError
from schemas.records import Run, record
from seeds.feeds import load_feeds
from seeds.publishers import load_publishers
from seeds.topics import load_topics
from transforms.web_thread import WebThread
from transforms.write.commit import committed_run
from transforms.write.hold import hold_data_set
from transforms.write.manifest import newest_version, read_manifest
from transforms.write.parquet import read_arrow
from transforms.write.store import Root


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
    publishers = load_publishers()
    clock = Clock(fixed=options.now)
    run_id = options.run_id or f"{clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with hold_data_set(options.data, run_id) as base_version:
        if options.run_id and (done := committed_run(options.data, run_id)):
            return Outcome(run=done, was_committed=True)
        plan = plan_pass(options, feeds, topics, publishers, run_id=run_id, base_version=base_version, clock=clock)
        with progress(plan.run, len(plan.turns)):
            _run_pipeline(plan, options)
    if newest_version(options.data) < plan.run.data_version:
        raise UserError(f"{options.data}: runner {plan.run.runner} ended without a commit; nothing was written")
    return Outcome(run=read_run(options.data, plan.run.data_version))


def read_run(data: Root, data_version: int) -> Run:
    """The row in `runs` of the run that wrote a version."""
    (file,) = (file for file in read_manifest(data, data_version).added if file.kind == "runs")
    (run,) = from_arrow(Run, read_arrow(data, file.path))
    return run


def _run_pipeline(plan: PassPlan, options: IngestOptions) -> None:
    logging.getLogger().setLevel(logging.ERROR)  # on import, Beam warns of cloud clients that nobody asked for
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
    # It would log a traceback of its own for what is raised below anyway.
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)
    try:
        pipeline.run().wait_until_finish()
    except Exception as error:
        if told := first_told(error):
            raise told from None
        raise
    finally:
        WebThread.shared().close_webs()


def first_told(error: BaseException) -> BaseException | None:
    """The cause within Beam's wrapping that a person is told in one line: a mistake, a full disk, Ctrl-C; else None."""
    told, cause = None, error.__context__
    while cause is not None:
        told = cause if isinstance(cause, (UserError, OSError, KeyboardInterrupt)) else told
        cause = cause.__cause__ or cause.__context__
    return told


def main() -> None:
    """The entry point that schedulers and Dataflow launch: the same flags as `icewire ingest`."""
    from pipelines.cli import main as icewire

    icewire(["ingest", *sys.argv[1:]])


if __name__ == "__main__":
    main()
