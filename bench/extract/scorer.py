"""A scorer that comes with a set of labelled pages, run on the answers of one extractor."""

import json
import subprocess
import sys
from pathlib import Path

from bench.extract.measure import Quality
from schemas.errors import UserError


def run_scorer(scorer: Path, answers: Path, split: str) -> dict[str, Quality]:
    """The scorer's figures by group (ALL, news, news-human, each source), as `measure.measure_answers` gives them.

    It is called as `SCORER ANSWERS.jsonl SPLIT --only-present --json FIGURES`. Raises UserError if it fails.
    """
    figures = answers.with_suffix(".figures.json")
    command: list[str | Path] = [sys.executable, scorer, answers, split, "--only-present", "--json", figures]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        quality: dict[str, Quality] = json.loads(figures.read_text(encoding="utf-8"))
    except subprocess.CalledProcessError as error:
        told = error.stderr.strip().splitlines()[-1:] or [f"it ended with status {error.returncode}"]
        raise UserError(f"{scorer}: {told[0]}; --scorer names the program that goes with --pages") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{scorer}: {error}; --scorer names the program that goes with --pages") from error
    figures.unlink()
    return quality
