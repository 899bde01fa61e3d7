"""Reading a seed file: TOML of one shape, whose every mistake is told by file, entry, field and remedy."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from schemas.errors import UserError, seed_error

S = TypeVar("S")


def read_seed_file(
    path: Path, shape: type[S], *, kind: str, guide: str, name_place: Callable[[Any, str], tuple[str, str]]
) -> S:
    """The file in its shape. Raises UserError for the first thing that is not as it must be.

    `kind` names such a file, `guide` the page that tells of it; `name_place` tells entry and field of a path.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name an existing {kind} file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: is not TOML in UTF-8 ({error}); correct it there") from error
    try:
        return msgspec.convert(written, shape)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at ")
        entry, field = name_place(written, place.strip("`"))
        named = re.search(r"field `(\w+)`", problem)
        remedy = f"{guide} tells what may stand here"
        raise seed_error(path.name, entry, named[1] if named else field, problem, remedy) from None
