"""Ask whether a topic could stand on what an article says besides the words quoted for it.

Reading the article again with these words blank tells for certain, but costs as much as reading it did. Nearly always
less will do: blanking only takes phrases away and moves the ends of sentences within their paragraph, so rules that
lack a phrase in the paragraphs around cannot fire, whatever held them back.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from transforms.tag.reading import Place, Reading
from transforms.tag.rulebook import CompiledRule
from transforms.tag.score import combine_weights


def weigh_remainder(rules: Sequence[CompiledRule], reading: Reading, places: Iterable[Place]) -> float:
    """The most that rules could score with the words at `places` blank; what they score is never more."""
    asked = 0
    for rule in rules:
        asked |= rule.needs
    left = _groups_left(reading, places, asked)
    whole = 0
    for bits in left.values():
        whole |= bits
    return combine_weights(
        rule.weight for rule in rules if whole & rule.needs == rule.needs and _could_fire(rule, left, whole)
    )


def _could_fire(rule: CompiledRule, left: dict[int, int], whole: int) -> bool:
    for paragraph, bits in left.items():
        if bits & rule.say:
            around = whole if rule.within == "article" else bits
            if rule.within == "passage":
                around |= left.get(paragraph - 1, 0) | left.get(paragraph + 1, 0)
            if around & rule.needs == rule.needs:
                return True
    return False


def _groups_left(reading: Reading, places: Iterable[Place], asked: int) -> dict[int, int]:
    """The groups asked for that are met outside `places`, by paragraph; the title is paragraph 0."""
    blank = defaultdict(list)
    for sentence, start, end in places:
        blank[sentence].append((start, end))
    paragraph_of = reading.page.paragraphs
    left: defaultdict[int, int] = defaultdict(int)
    for sentence, bits in reading.met_bits.items():
        if sentence not in blank:
            left[paragraph_of[sentence]] |= bits
    for sentence, spans in blank.items():
        paragraph = paragraph_of[sentence]
        # A group that is left already need not be looked for again.
        wanted = asked & ~left[paragraph]
        for start, end, groups in reading.met[sentence]:
            if groups & wanted:
                for first, last in spans:
                    if first < end and start < last:
                        break
                else:
                    left[paragraph] |= groups
                    wanted &= ~groups
    return left
