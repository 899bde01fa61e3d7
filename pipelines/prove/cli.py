"""`icewire verify`, `icewire explain`: show that a data set, or one row of it, is what was captured, and where from."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.clock import Clock
from pipelines.command import ExamplesCommand, data_option, tell_now_and_then
from pipelines.options import VERSION, read_instant
from schemas.errors import UserError
from transforms.write.store import Root

if TYPE_CHECKING:
    from pipelines.prove.find import Shelf
    from pipelines.prove.trail import Trail

EXIT_WRONG = 1
"""Something is not what was written."""

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")


@click.command(
    cls=ExamplesCommand,
    interrupted="nothing was changed",
    examples="""
icewire verify --data corpus
icewire verify --data corpus --row 3f2a90c1
30 4 * * 0  icewire verify --data /srv/icewire    (as a cron line)
""",
)
@data_option
@click.option("--row", metavar="ID", help="Prove one row: an article_id or capture_id, or its first 8 characters.")
@_JSON
@click.pass_context
def verify(context: click.Context, data: Root, row: str | None, as_json: bool) -> None:
    """Check that the data set is what was written: every file, record, and row.

    Reads every byte and compares it with the hashes in the manifests, reads every WARC record, and looks up what rows
    point to. One line for each problem names the file, what is wrong, and the rows concerned. With --row, the article
    is extracted from its captured bytes again and compared with its row. Nothing is written, and passes may go on
    meanwhile. Exit status: 0 if all is well, 1 if not.
    """
    context.exit(_verify_row(data, row, as_json=as_json) if row is not None else _verify_all(data, as_json=as_json))


def _verify_all(data: Root, *, as_json: bool) -> int:
    from pipelines.prove.words import tell_bytes, tell_verdict, verdict_builtins
    from transforms.write.verify import verify as verify_data_set

    verdict = verify_data_set(data, tell_now_and_then(tell_bytes))
    click.echo(json.dumps(verdict_builtins(verdict)) if as_json else "\n".join(tell_verdict(data, verdict)))
    return EXIT_WRONG if verdict.findings else 0


def _verify_row(data: Root, row: str, *, as_json: bool) -> int:
    from pipelines.prove.find import Shelf, find_row
    from pipelines.prove.row import prove_row
    from pipelines.prove.words import proof_builtins, tell_proof

    shelf = Shelf.at(data)
    proof = prove_row(shelf, *find_row(shelf, row))
    click.echo(json.dumps(proof_builtins(proof)) if as_json else "\n".join(tell_proof(proof)))
    return 0 if proof.ok else EXIT_WRONG


@click.command(
    cls=ExamplesCommand,
    interrupted="nothing was changed",
    examples="""
icewire explain https://ledger.example/2026/11/raid --data corpus
icewire explain 3f2a90c1 --data corpus --full
icewire explain 3f2a90c1 --data corpus --certificate exhibit-a.html
""",
)
@click.argument("page")
@data_option
@click.option("--full", is_flag=True, help="Whole texts, all changes, all passages.")
@_JSON
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE",
              help="Write a sheet fit to attach to a filing, as .html or .txt.")  # fmt: skip
@click.option("--revision", type=click.IntRange(1), metavar="N", help="The text to certify [default: the current one]")
@click.option("--force", is_flag=True, help="Replace the certificate's file if it is there.")
@click.option("--now", metavar="INSTANT", help="The instant on the certificate [default: now]")
@click.pass_context
def explain(context: click.Context, /, page: str, data: Root, full: bool, as_json: bool, **sheet: Any) -> None:
    """Tell where a page comes from: feed, captures with hashes, texts, topics with their words, story, revisions.

    PAGE is an address, also one that led there, an article_id or capture_id, or the first 8 characters of an id. All
    its captures are read, and their hashes compared. A certificate is written only if the bytes, and the text extracted
    from them again, are what is stored. Exit status: 0, or 1 if bytes of the page are not what they were.
    """
    from pipelines.prove.explain import explain as explain_trail
    from pipelines.prove.explain import trail_builtins
    from pipelines.prove.find import Shelf
    from pipelines.prove.page import find_page
    from pipelines.prove.trail import follow_trail

    path = sheet.pop("certificate")
    if path is None and any(sheet.values()):
        raise UserError("--revision, --force and --now are about a certificate; give --certificate FILE, too")
    if path is not None:
        from pipelines.prove.sheet import check_target

        check_target(path, is_forced=sheet["force"])
    shelf = Shelf.at(data)
    trail = follow_trail(shelf, find_page(shelf, page))
    if path is not None:
        click.echo(_certify(shelf, trail, path, **sheet))
        return
    click.echo(json.dumps(trail_builtins(trail)) if as_json else "\n".join(explain_trail(trail, is_full=full)))
    context.exit(EXIT_WRONG if any(seen.damage for seen in trail.captures) else 0)


def _certify(shelf: "Shelf", trail: "Trail", path: Path, *, revision: int | None, force: bool, now: str | None) -> str:
    from pipelines.prove.certificate import choose_revision, make_sheet
    from pipelines.prove.sheet import write_sheet

    clock = Clock(fixed=read_instant(now) if now else None)
    chosen = choose_revision(trail, revision)
    sheet = make_sheet(shelf, chosen.article, revision_of=len(trail.revisions), now=clock(), icewire=VERSION)
    write_sheet(sheet, path, is_forced=force)
    which = "the current text" if chosen.is_current else "an earlier text"
    return f"{path}: revision {chosen.article.revision} of {len(trail.revisions)}, {which}; every check passed"
