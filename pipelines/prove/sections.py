"""What a sheet for a filing says, part by part, in words for people who do not know icewire."""

import json
from datetime import datetime

from pipelines.prove.certificate import Sheet
from schemas.records import record


@record
class Section:
    """A part of the sheet. Facts are (name, value, text, code or url)."""

    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str, str], ...] = ()
    commands: tuple[tuple[str, str, str], ...] = ()
    text: tuple[str, ...] = ()
    """Paragraphs of the page itself."""
    blanks: tuple[str, ...] = ()
    """What is left to be filled in by hand."""


def sections(sheet: Sheet) -> tuple[Section, ...]:
    """The parts of the sheet, in order."""
    return (_page(sheet), _capture(sheet), _answer(sheet), _bytes(sheet), _method(sheet), _text(sheet), _checks(sheet),
            _how_to_check(sheet), _declaration())  # fmt: skip


def _page(sheet: Sheet) -> Section:
    article = sheet.article
    published = (
        f"{_at(article.published_at)}, to the {article.published_precision}" if article.published_at else "unknown"
    )
    source = f" (source: {article.published_source})" if article.published_source else ""
    facts = [
        ("Headline", article.title or "none", "text"),
        ("Byline", ", ".join(article.authors) or "none", "text"),
        ("Publisher", article.publisher, "text"),
        ("Published, as the page or its feed says", published + source, "text"),
        ("Address requested", sheet.capture.requested_url, "url"),
        *((f"Redirect, HTTP {hop.status}", hop.url, "url") for hop in sheet.capture.redirects),
        ("Address that answered", sheet.capture.url, "url"),
        ("Text", f"revision {article.revision}; {sheet.revision_of} texts of this page are in the data set", "text"),
        ("Article id", article.article_id, "code"),
    ]
    return Section(title="The page", facts=tuple(facts))


def _capture(sheet: Sheet) -> Section:
    capture, run = sheet.capture, sheet.run
    facts = [
        ("Requested at (UTC)", _at(capture.fetched_at), "text"),
        ("Fetched by (User-Agent)", sheet.user_agent or "not recorded", "code"),
        ("robots.txt", f"asked first; answer: {capture.robots}", "text"),
        ("Reason of the visit", capture.visit_reason, "text"),
        ("Feed", capture.feed_id, "text"),
        ("Run", capture.run_id, "code"),
    ]
    if run is not None:
        told = ", ".join(f"{name} {version}" for name, version in sorted(json.loads(run.versions).items()))
        facts.append(("Run began, ended (UTC)", f"{_at(run.started_at)}, {_at(run.finished_at)}", "text"))
        facts.append(("Software of the run", told, "text"))
    facts.append(("Capture id", capture.capture_id, "code"))
    clock = "Times are those of the clock of the machine that ran icewire, in UTC."
    if sheet.clock_fixed_at:
        clock = f"The run's clock was set by hand to {sheet.clock_fixed_at}: no time here is that of a real clock."
    return Section(title="The capture", facts=tuple(facts), paragraphs=(clock,))


def _answer(sheet: Sheet) -> Section:
    facts = [("HTTP status", str(sheet.capture.status), "code")]
    facts += [(header.name, header.value, "code") for header in sheet.capture.headers]
    told = "As received, in order. Passwords and keys in addresses, if there were any, are replaced by [redacted]."
    return Section(title="Status and header fields of the answer", paragraphs=(told,), facts=tuple(facts))


def _bytes(sheet: Sheet) -> Section:
    capture, held, warc = sheet.capture, sheet.original, sheet.warc
    facts = [
        ("Payload", f"{capture.payload_bytes} bytes, as received, before content decoding", "text"),
        ("Payload SHA-256", capture.payload_sha256, "code"),
        ("Record of this capture", f"{sheet.record_id} in {capture.warc_file} at byte {capture.warc_offset}, "
                                   f"{capture.warc_length} bytes", "code"),
    ]  # fmt: skip
    if held is not capture and held.capture_id != capture.capture_id:
        place = f"{held.warc_file} at byte {held.warc_offset}, {held.warc_length} bytes"
        told = f"the same bytes had been kept on {_at(held.fetched_at)}, capture {held.capture_id}, in {place}"
        facts.append(("Record of the bytes", told, "code"))
    facts += [
        ("WARC file", f"{warc.file.path}, {warc.file.bytes} bytes", "code"),
        ("WARC file SHA-256", warc.file.sha256, "code"),
        ("Manifest", f"{warc.manifest_path}, version {warc.version} of the data set", "code"),
        ("Manifest SHA-256", warc.manifest_sha256, "code"),
    ]
    return Section(title="The bytes", facts=tuple(facts))


def _method(sheet: Sheet) -> Section:
    return Section(
        title="Method",
        paragraphs=(
            "A program, icewire, read the publisher's feed, found the address of the page in it, asked robots.txt"
            " whether it may read the page, and requested the address over HTTP, following redirects. It wrote the"
            " answer to a WARC 1.1 file (ISO 28500), its body byte for byte as received once transfer chunks were"
            " joined, and recorded the SHA-256 of the file in a manifest, whose own hash stands in the manifest after"
            " it. The program changed nothing in the body.",
            "The page was not shown in a browser: scripts did not run, and pictures, frames and styles were not"
            f" fetched. The text below was extracted from the HTML by {sheet.article.extractor}; it may leave out"
            " what a reader in a browser would have seen, and the bytes are what counts.",
        ),
    )


def _text(sheet: Sheet) -> Section:
    article = sheet.article
    facts = (
        ("Words", str(article.word_count), "text"),
        ("Extent", f"{article.body_state} ({article.body_state_reason})", "text"),
        ("SHA-256 of the text", sheet.text_sha256, "code"),
        ("SHA-256 of title, two line feeds, text", article.text_sha256, "code"),
    )
    told = (
        "Control characters, if there are any, are shown as blanks; the hashes are those of the stored text, in UTF-8."
    )
    return Section(title="The extracted text", facts=facts, paragraphs=(told,), text=tuple(article.text.split("\n")))


def _checks(sheet: Sheet) -> Section:
    made = f"Made by icewire {sheet.icewire} on {_at(sheet.written_at)}, while this sheet was written."
    told = f"{made} There is no sheet if one of them fails."
    marks = {True: "passed", None: "note", False: "FAILED"}
    facts = tuple((check.what, f"{marks[check.ok]}: {check.told}", "text") for check in sheet.checks)
    return Section(title="Checks", paragraphs=(told,), facts=facts)


def _how_to_check(sheet: Sheet) -> Section:
    told = "Anyone who has a copy of the files can check them without icewire, in the folder of the data set:"
    return Section(title="How to check this sheet", paragraphs=(told,), commands=sheet.commands)


def _declaration() -> Section:
    return Section(
        title="Declaration",
        paragraphs=(
            "Left blank for the custodian or another qualified person to complete and sign. Such a declaration is"
            " usually made under 28 U.S.C. § 1746, and for records that an electronic process generated, or data"
            " copied from an electronic file, under Fed. R. Evid. 902(13) and 902(14). This sheet is no legal advice.",
        ),
        blanks=("Name", "Position, organization", "Statement", "", "", "", "Executed on", "At", "Signature"),
    )


def _at(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if instant else "unknown"
