"""The same page extracts to the same bytes, in any order and in any process."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extract.pages import BANNER, ENGLISH, SPANISH, STATES, json_ld, page, paragraphs
from tests.extract.poison import build
from transforms.extract.capture import read_body
from transforms.extract.guarded_read import PAGE_LIMITS
from transforms.guarded_process import GuardedProcess

PAGES = [
    page(paragraphs(ENGLISH, 16)).encode(),
    page(paragraphs(ENGLISH, 16) * 2, title="The same words twice").encode(),
    page(f"<article>{BANNER}{paragraphs(ENGLISH, 9)}</article>", head=json_ld(datePublished="2026-03-01")).encode(),
    page(paragraphs(SPANISH, 12), lang="es").encode("cp1252"),
    page(paragraphs(SPANISH, 12) + "<table><tr><td>uno<td>dos</table>").encode("utf-16-le"),
    page("<ul>" + "".join(f"<li>{line}" for line in ENGLISH) + "</ul>", head="<time>March 3, 2026</time>").encode(),
    page("<div>" + "<br><br>".join(ENGLISH)).encode(),
    *(markup.encode() for _, markup in list(STATES.values())[::14]),
    build("50,000 nested elements"),
    build("json-ld of 2,000 articles"),
    build("nested tables"),
]  # fmt: skip


def extract(content: bytes) -> bytes:
    """An extraction in bytes that differ if anything of it does."""
    made = read_body(content, None, url="https://ledger.example/2026/03/01/raid", content_type="text/html")
    return json.dumps(asdict(made), default=str).encode()


@pytest.fixture(scope="module")
def alone() -> list[bytes]:
    """What each page comes to in a process that has read nothing before."""
    found = []
    for content in PAGES:
        process = GuardedProcess()
        found.append(process.call(PAGE_LIMITS, extract, content))
        process.close()
    return found


@pytest.fixture(scope="module")
def others() -> Iterator[tuple[GuardedProcess, GuardedProcess]]:
    """Two processes that read pages in the order in which they come."""
    processes = GuardedProcess(), GuardedProcess()
    yield processes
    for process in processes:
        process.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(PAGES))), turns=st.lists(st.integers(0, 2), min_size=len(PAGES)))
def test_order_and_process_change_nothing(
    alone: list[bytes], others: tuple[GuardedProcess, GuardedProcess], order: list[int], turns: list[int]
) -> None:
    """`turns` tells who reads the next page: one of two processes, or this one, in which everything else runs."""
    for number, turn in zip(order, turns, strict=False):
        if turn == 2:
            assert extract(PAGES[number]) == alone[number]
        else:
            assert others[turn].call(PAGE_LIMITS, extract, PAGES[number]) == alone[number]
