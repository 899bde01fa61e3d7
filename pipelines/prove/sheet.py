"""Print a sheet for a filing, as HTML or as plain text: the same sections, in the same words."""

from collections.abc import Callable, Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.context import printable
from pipelines.prove.certificate import Sheet
from pipelines.prove.sections import sections
from schemas.errors import UserError
from transforms.addresses import refusal

_BLANK = "_" * 50


def check_target(path: Path, *, is_forced: bool) -> None:
    """UserError for a file that must not, or cannot, become a sheet; asked before anything is read."""
    if path.suffix not in _FORMS:
        raise UserError(f"--certificate {path}: end the name in {' or '.join(_FORMS)}, which says the form")
    if path.exists() and not is_forced:
        raise UserError(f"--certificate {path}: is there already; name another file, or add --force")
    if not path.absolute().parent.is_dir():
        raise UserError(f"--certificate {path}: cannot be written, since its folder is not there; make it first")


def write_sheet(sheet: Sheet, path: Path, *, is_forced: bool = False) -> None:
    """Write a sheet in the form that the ending names, replacing a file only if that is wanted."""
    check_target(path, is_forced=is_forced)
    try:
        with path.open("w" if is_forced else "x", encoding="utf-8") as file:
            file.write(_FORMS[path.suffix](sheet))
    except OSError as error:
        raise UserError(f"--certificate {path}: cannot be written ({error.strerror}); name another file") from None


def print_html(sheet: Sheet) -> str:
    """The sheet as one HTML document that loads nothing and runs nothing."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    environment.filters["line"] = lambda text: printable(text or "")
    environment.filters["is_web"] = is_web
    return environment.get_template("sheet.html").render(sheet=sheet, sections=sections(sheet))


def is_web(address: str) -> bool:
    """Whether an address may become a link: whole, http or https, without anything odd."""
    return address.isprintable() and refusal(address) is None


def print_text(sheet: Sheet) -> str:
    """The sheet as plain text; the page's own words stand behind a bar, so that they cannot pass for the sheet's."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield "RECORD OF A CAPTURED WEB PAGE"
    for section in sections(sheet):
        yield from ("", section.title.upper(), "")
        yield from (printable(paragraph) for paragraph in section.paragraphs)
        yield from (f"  {printable(name) + ':':26} {printable(value)}" for name, value, _ in section.facts)
        for what, command, prints in section.commands:
            yield from (
                f"{printable(what)}:",
                "",
                f"    {printable(command)}",
                "",
                f"  prints: {printable(prints)}",
                "",
            )
        yield from (f"  | {printable(paragraph)}" for paragraph in section.text)
        yield from (f"  {name and name + ':':26} {_BLANK}" for name in section.blanks)


_FORMS: dict[str, Callable[[Sheet], str]] = {".html": print_html, ".txt": print_text}
