"""The form of our WARC records: what who writes one and who reads it back must agree on."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from schemas.records import Header

ANSWER = "response"
"""Name of the record with what a capture's address answered, whether it is a response or a revisit record."""

SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
"""Profile of our revisit records (WARC 1.1, section 6.7.2)."""

_LINE_BREAK = re.compile("[\r\n\0]")


def record_id(name: str, part: str = ANSWER) -> str:
    """Id of a record of the capture with that id, so that the same captures give the same bytes."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'icewire:{name}:{part}')}>"


def warc_date(at: datetime) -> str:
    """An instant as WARC-Date has it, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def payload_digest(sha256: str) -> str:
    """A hash of a body as WARC-Payload-Digest has it."""
    return f"sha256:{sha256}"


def archived_fields(headers: Iterable[Header]) -> list[tuple[str, str]]:
    """Header fields as they stand in a record.

    The body is kept after transfer decoding, so Transfer-Encoding gets another name: a reader must not undo chunking
    again. What would end a line becomes a space.
    """
    return [
        (
            "X-Archive-Orig-Transfer-Encoding" if field.name.lower() == "transfer-encoding" else field.name,
            _LINE_BREAK.sub(" ", field.value),
        )
        for field in headers
    ]
