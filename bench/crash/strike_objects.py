"""Strike verbs on a data set in an object store: kills around any request, lost replies, and two writers."""

from functools import partial
from pathlib import Path

from bench.crash.bucket import ROOT, Bucket, ObjectServer, serve_objects
from bench.crash.child import draw
from bench.crash.operations import ARGV
from bench.crash.oracle import State, judge, read_state
from bench.crash.pairs import Begin, write_in_pairs
from bench.crash.passes import Pass
from bench.crash.tally import Tally
from bench.crash.verbs import write_argv
from schemas.records import record

FEW = 3
"""Passes of the data set; a request takes longer than a file operation."""

NAMES = {"before": "kill before a request", "after": "kill before its reply", "lost": "a reply is lost"}


@record
class RemoteOperation:
    """A verb on the data set in the object store, what it starts from, and what it does."""

    name: str
    argv: list[str]
    begin: dict[str, bytes]
    before: State
    after: State
    requests: int


def strike_objects(work: Path, trials: int, pairs: int, seed: int, tally: Tally) -> None:
    """Strike each verb at so many requests in each way, and its commit as often again; write in so many pairs."""
    with serve_objects() as server:
        place = Bucket(server, work / "bucket")
        for name in ("write", "compact", "takedown"):
            operation = _prepare(server, place, name, seed)
            for when, fault in NAMES.items():
                chance = draw(seed, name, when)
                for _ in range(trials):
                    at = chance.randint(1, operation.requests)
                    _strike(server, place, operation, when, at, fault, tally)
            for when, fault in NAMES.items():
                for _ in range(trials):
                    _strike(server, place, operation, when, None, f"{fault}: the commit", tally)
            if name == "write":
                begin = Begin(place=place, data=ROOT, passes=FEW, put_back=partial(server.fill, operation.begin))
                write_in_pairs(begin, pairs, seed, tally, name="two writers, objects", only="objects")


def _strike(
    server: ObjectServer, place: Bucket, operation: RemoteOperation, when: str, at: int | None, fault: str, tally: Tally
) -> None:
    def strikes(number: int, method: str, path: str) -> bool:
        return (method == "PUT" and path.startswith("_commits/")) if at is None else number == at

    server.fill(operation.begin)
    outcome = place.run_struck(operation.argv, when, strikes)
    requests = server.requests
    struck = next((each for each in requests if strikes(*_parts(each))), "none")
    problems = judge(place, operation.argv, operation.before, operation.after, outcome)
    told = f"request {struck}, status {outcome.status}, {outcome.said.strip()[-200:]}"
    tally.add(fault, f"{operation.name}, objects", problems, at=told, again="--only objects")


def _parts(request: str) -> tuple[int, str, str]:
    number, method, path = request.split(" ", 2)
    return int(number), method, path


def _prepare(server: ObjectServer, place: Bucket, name: str, seed: int) -> RemoteOperation:
    server.fill({})
    for number in range(1, FEW + 1):
        _run_well(place, write_argv(ROOT, Pass(seed=seed, number=number)))
    begin, before = server.content(), read_state(place.look())
    argv = write_argv(ROOT, Pass(seed=seed, number=FEW + 1)) if name == "write" else ARGV[name](seed)(ROOT)
    _run_well(place, argv)
    return RemoteOperation(
        name=name, argv=argv, begin=begin, before=before, after=read_state(place.look()), requests=len(server.requests)
    )


def _run_well(place: Bucket, argv: list[str]) -> None:
    outcome = place.run(argv)
    if outcome.status:
        raise RuntimeError(f"{' '.join(argv)} failed without a fault, status {outcome.status}: {outcome.said}")
