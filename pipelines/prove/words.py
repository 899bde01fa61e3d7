"""Say what a verification came to: one line for each problem, and a last one that sums up and says what to do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pipelines.context import printable
from transforms.write.store import Root
from transforms.write.verify import Verdict

if TYPE_CHECKING:
    from pipelines.prove.row import Proof  # with the extractor, which not every verification needs


def tell_verdict(data: Root, verdict: Verdict) -> Iterator[str]:
    """The lines for a person."""
    for finding in verdict.findings:
        yield printable(finding.line())
    counted = f"{verdict.files} files, {verdict.bytes:,} bytes, {verdict.rows:,} rows, {verdict.records:,} WARC records"
    if not verdict.findings:
        yield f"all is well: version {verdict.version} of {data}, {counted}"
        return
    todo: dict[str, set[str]] = {}
    for finding in verdict.findings:
        todo.setdefault(finding.remedy, set()).add(finding.path)
    advice = "; ".join(f"{remedy}: {', '.join(sorted(paths))}" for remedy, paths in sorted(todo.items()))
    number = len(verdict.findings)
    problems = f"{number} problem{'s' if number > 1 else ''}"
    yield printable(f"{problems} in version {verdict.version} of {data}; in order are {counted}. To do: {advice}")


def verdict_builtins(verdict: Verdict) -> dict[str, Any]:
    """The verdict for programs."""
    told: dict[str, Any] = msgspec.to_builtins(verdict)
    return {"ok": not verdict.findings, **told}


def tell_proof(proof: "Proof") -> Iterator[str]:
    """The lines for a person."""
    marks = {True: "ok     ", None: "note   ", False: "WRONG  "}
    for check in proof.checks:
        yield printable(f"{marks[check.ok]}{check.what}: {check.told}")
    what = f"article {proof.article_id}, " if proof.article_id else ""
    yield f"{what}capture {proof.capture_id}: " + ("the row is what its bytes give" if proof.ok else "not proved")


def proof_builtins(proof: "Proof") -> dict[str, Any]:
    """The proof for programs."""
    told: dict[str, Any] = msgspec.to_builtins(proof)
    return {"ok": proof.ok, **told}


def tell_bytes(path: str, done: int, of: int) -> str:
    """How far a verification is."""
    return f"verified {done / 1e6:,.0f} of {of / 1e6:,.0f} MB: {path}"
