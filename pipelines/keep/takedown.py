"""Remove a page's text and captures from a data set, and leave a tombstone."""

from pipelines.clock import Clock
from pipelines.keep.upkeep import keep_up
from schemas.errors import UserError
from schemas.records import Takedown, record
from schemas.tables import TABLES
from transforms.addresses import redact, refusal
from transforms.write.parquet import write_table
from transforms.write.store import Root
from transforms.write.takedown import find_page, find_tombstone, stage_removal, tombstone


@record
class TakenDown:
    """The tombstone of a page, and whether it had been set before."""

    tombstone: Takedown
    was_done: bool = False


def take_down(data: Root, url: str, *, reason: str | None, clock: Clock, wait_s: float = 0.0) -> TakenDown:
    """Remove everything at an address, and at addresses that led there, in one commit.

    Nothing is written if it was removed before. UserError for what is no address, and for one of which the data set
    holds nothing.
    """
    if why := refusal(url):
        raise UserError(f"{url!r}: is no address of a page ({why}); give it whole, as https://…")
    with keep_up(data, "takedown", options={"url": redact(url), "reason": reason}, clock=clock, wait_s=wait_s) as held:
        found = find_page(held.root, held.files, held.newest.memory, url)
        if not (found.capture_ids or found.article_ids or found.pages):
            raise UserError(f"{redact(url)}: {data} holds nothing of that page; icewire explain finds pages by address")
        before = find_tombstone(held.root, held.files, found)
        if before is not None and found.is_buried:
            return TakenDown(tombstone=before, was_done=True)
        stone = tombstone(found, url=redact(url), reason=reason, run_id=held.run.run_id, now=held.run.started_at)
        removal = stage_removal(held.root, held.files, held.newest.memory, found, run_id=held.run.run_id)
        file = write_table(held.root, TABLES["takedowns"], [stone], day=held.day, run_id=held.run.run_id)
        held.finish(
            files=[*removal.added, file],
            counts={"takedown/articles": len(found.article_ids), "takedown/captures": len(found.capture_ids)},
            clock=clock,
            replaced=removal.replaced,
            lists_all=True,
            memory=removal.memory,
        )
    return TakenDown(tombstone=stone)
