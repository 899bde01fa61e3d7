"""Tag one JSON record, as `icewire tag` does line by line."""

from datetime import UTC, datetime
from typing import Any

from schemas.records import Evidence
from transforms.tag.rulebook import RuleBook
from transforms.tag.topics import tag_topics

_NO_RUN = datetime.fromtimestamp(0, UTC)


def filter_record(rulebook: RuleBook, given: dict[str, Any]) -> dict[str, Any]:
    """Answer {"id", "title", "text"} with {"id", "on_domain", "topics", "tags"}; an absent title or text is empty.

    Raises ValueError, naming the field, if the record has no id or a title or text that is no string.
    """
    if "id" not in given:
        raise ValueError("field 'id' is missing")
    title, text = (_read_text(given, field) for field in ("title", "text"))
    tagging = tag_topics(rulebook, article_id=str(given["id"]), run_id="", now=_NO_RUN, title=title, text=text)
    return {
        "id": given["id"],
        "on_domain": tagging.domain.on_domain,
        "topics": [tag.topic for tag in tagging.tags],
        "tags": [
            {
                "topic": tag.topic,
                "rule_id": tag.rule_id,
                "score": tag.score,
                "evidence": [_write_evidence(evidence) for evidence in tag.evidence],
            }
            for tag in tagging.tags
        ],
    }


def _read_text(given: dict[str, Any], field: str) -> str:
    value = given.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"field '{field}' is no string")
    return value


def _write_evidence(evidence: Evidence) -> dict[str, Any]:
    return {"field": evidence.field, "start": evidence.start, "end": evidence.end, "quote": evidence.quote}
