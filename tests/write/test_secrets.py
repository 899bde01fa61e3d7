"""What rows and WARC records hold in place of secrets."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from schemas.records import Header, Redirect
from schemas.tables import TABLES
from tests.builders import make_article, make_capture, make_entry, make_page
from transforms.write.secrets import without_secrets

LINK = "https://ledger.example/raid?id=7&token=s3cr3t"
CLEAN = "https://ledger.example/raid?id=7&token=[redacted]"


def test_every_address_of_a_row_is_cleaned_also_within_its_records() -> None:
    row = make_capture(
        requested_url=LINK,
        redirects=(Redirect(url=LINK, status=301),),
        headers=(Header(name="Link", value=f"<{LINK}>; rel=self"), Header(name="Age", value="0")),
        entry=make_entry(LINK),
    )
    clean = without_secrets(row)
    assert clean.requested_url == CLEAN
    assert clean.redirects[0].url == CLEAN
    assert [field.value for field in clean.headers] == [f"<{CLEAN}>; rel=self", "0"]
    assert (clean.entry.url, clean.entry.entry_id) == (CLEAN, CLEAN)
    assert clean.url == row.url


def test_a_row_without_secrets_is_itself() -> None:
    row = make_capture(headers=(Header(name="Age", value="0"),))
    assert without_secrets(row) is row


def test_texts_and_links_to_pictures_are_kept_to_the_letter() -> None:
    row = make_article(text=f"Read {LINK}", title=LINK, image_url=LINK)
    assert without_secrets(row) is row


def test_memory_that_travels_with_a_row_is_left_whole() -> None:
    row = make_capture(known=make_page(LINK))
    assert without_secrets(row).known is row.known


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_no_column_that_holds_an_address_is_forgotten(table: object) -> None:
    """A column named otherwise would pass by the rule; keys hold hashes of secrets."""
    hints = get_type_hints(table.row)
    odd = [field.name for field in fields(table.row) if "url" in field.name and not field.name.endswith("url")]
    assert set(odd) <= {"url_key"}
    assert all(hints[name] is str or str in hints[name].__args__ for name in odd)
