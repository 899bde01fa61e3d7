"""Pages whose reading does to its process what their first words say; `read_body` stands for the extractor's."""

from pathlib import Path
from typing import Any

from tests import hostile_calls
from transforms.extract import capture
from transforms.extract.extract import Extraction

HARM = {
    b"cpu": hostile_calls.burn,
    b"memory": hostile_calls.allocate,
    b"died": hostile_calls.segfault,
    b"time": lambda: hostile_calls.sleep(60),
}


def read_body(body: bytes, coding: str | None, **facts: Any) -> Extraction:
    """`capture.read_body`, but a body that begins with `always cpu;` does that harm and `first cpu;` on its first try.

    `once PATH;` ends the process if there is no such file yet, and makes it.
    """
    command, _, page = body.partition(b";")
    when, _, what = command.partition(b" ")
    if when == b"always" or (when == b"first" and "met_limit" not in facts):
        HARM[what]()
    if when == b"once" and not (mark := Path(what.decode())).exists():
        mark.touch()
        hostile_calls.segfault()
    return capture.read_body(page or body, coding, **facts)
