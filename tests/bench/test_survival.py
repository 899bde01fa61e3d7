"""Mutated feeds: the same for the same seed, whoever reads them, and measured."""

import random
from pathlib import Path

import pytest

from bench.mutations import MAX_BYTES, mutate
from bench.survival import CPU_LIMIT_S, MEMORY_LIMIT, Groups, draw, survivals

FEED = b"<rss><channel><title>News</title><item><title>A</title><link>https://a.example/</link></item></channel></rss>"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "a.xml").write_bytes(FEED)
    (tmp_path / "b.json").write_bytes(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}')
    return tmp_path


GROUPS: Groups = {"real": [{"file": "a.xml"}], "synthetic": [{"file": "b.json"}]}


def test_mutations_depend_on_the_seed_alone_and_are_bounded() -> None:
    bodies = [mutate(random.Random(seed), FEED) for seed in range(100)]
    assert bodies == [mutate(random.Random(seed), FEED) for seed in range(100)]
    assert len(set(bodies)) > 90
    assert max(map(len, bodies)) <= MAX_BYTES
    assert sum(len(body) > 10_000 for body in bodies) > 3, "some are made to swell"


def test_an_empty_document_can_be_mutated() -> None:
    assert all(len(mutate(random.Random(seed), b"")) <= MAX_BYTES for seed in range(300))


def test_a_document_is_drawn_by_its_index(corpus: Path) -> None:
    assert draw(corpus, GROUPS, 1, 7) == draw(corpus, GROUPS, 1, 7)
    assert {draw(corpus, GROUPS, 1, index)[0]["file"] for index in range(20)} == {"a.xml", "b.json"}


def test_what_becomes_of_documents_does_not_depend_on_the_jobs(corpus: Path) -> None:
    alone = {each.index: each for each in survivals(corpus, GROUPS, 12, seed=1, jobs=1)}
    shared = {each.index: each for each in survivals(corpus, GROUPS, 12, seed=1, jobs=2)}
    assert sorted(alone) == sorted(shared) == list(range(12))
    for index, each in alone.items():
        assert (each.file, each.size, each.outcome) == (shared[index].file, shared[index].size, shared[index].outcome)
        assert not each.failed
        assert 0 < each.cpu_s < CPU_LIMIT_S
        assert 0 <= each.memory < MEMORY_LIMIT
