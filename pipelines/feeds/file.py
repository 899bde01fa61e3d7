"""A feeds file that a program adds to: nothing in it changes, and never is half of it there."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import tomli_w

from schemas.errors import UserError
from schemas.records import Feed
from seeds.feeds import feed_table, read_feeds
from transforms.write.durable import move_durably, write_durably


def write_tables(feeds: Iterable[Feed]) -> str:
    """Feeds as the text of a feeds file: one [[feeds]] table each, a blank line between two."""
    return "\n".join(f"[[feeds]]\n{tomli_w.dumps(feed_table(feed))}" for feed in feeds)


def read_existing(path: Path) -> tuple[bytes, tuple[Feed, ...]]:
    """A feeds file's bytes and its feeds, neither of them if it is not there yet; UserError for mistakes in it."""
    try:
        content = path.read_bytes()
        return content, read_feeds(content.decode(), str(path), may_be_empty=True)
    except FileNotFoundError:
        return b"", ()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: no UTF-8 at byte {error.start}; save it as UTF-8") from None


def append_feeds(path: Path, content: bytes, feeds: Sequence[Feed]) -> None:
    """Put feeds behind what a feeds file holds, which stays byte for byte; UserError, and no change, if they fail."""
    gap = b"" if not content else b"\n" if content.endswith(b"\n") else b"\n\n"
    whole = content + gap + write_tables(feeds).encode()
    try:
        read_feeds(whole.decode(), str(path))
    except UserError as error:
        remedy = "write every feed of that file as a [[feeds]] table"
        raise UserError(f"{path}: nothing can be appended; {remedy} ({error})") from None
    replace_file(path, whole)


def replace_file(path: Path, content: bytes) -> None:
    """Give a file new content, all or nothing: whoever reads it, or finds it after a crash, sees old or new whole.

    UserError if its folder is not there.
    """
    path = path.resolve()  # a link stays a link
    if not path.parent.is_dir():
        raise UserError(f"{path}: there is no folder of that name; make it, or name another file")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_durably(beside, content)
        if path.exists():
            shutil.copymode(path, beside)
        move_durably(beside, path)
    finally:
        beside.unlink(missing_ok=True)
