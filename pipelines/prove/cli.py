"""`icewire verify`: show that a data set, or one row of it, is what was captured."""

import json

import click

from pipelines.command import DataRoot, ExamplesCommand
from transforms.write.store import Root

EXIT_WRONG = 1
"""Something is not what was written."""

_DATA = click.option("--data", required=True, type=DataRoot(), help="The data set's folder, or s3://….")
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
@_DATA
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
    from pipelines.prove.words import tell_progress, tell_verdict, verdict_builtins
    from transforms.write.verify import verify as verify_data_set

    verdict = verify_data_set(data, tell_progress())
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
