"""Say which rows a broken file takes with it."""

from dataclasses import dataclass

from schemas.tables import TABLES
from transforms.write.check_files import Fault
from transforms.write.check_rows import articles_named, orphaned_articles
from transforms.write.check_warc import Survey, survey_warc, tell_records
from transforms.write.damage import Damage, tell_damage
from transforms.write.finding import RESTORE, Finding
from transforms.write.manifest import DataFile
from transforms.write.memory import MEMORY
from transforms.write.row_index import RowIndex
from transforms.write.store import Root, open_store

STAGED = "the next run puts it there"


@dataclass(frozen=True)
class Touched:
    """Tells what broken files take with them, by what is left of them and by the files that are whole."""

    root: Root
    index: RowIndex

    def finding(self, file: DataFile, fault: Fault) -> Finding:
        """The finding of a broken file."""
        damage = self._damage(file, fault)
        articles = damage.article_ids or self.index.articles_of(damage.capture_ids)
        return Finding(
            path=file.path,
            problem=fault.problem,
            touches=damage.touches,
            capture_ids=damage.capture_ids,
            article_ids=articles,
            remedy=STAGED if fault.kind == "staged" else RESTORE,
        )

    def _damage(self, file: DataFile, fault: Fault) -> Damage:
        is_left = fault.kind == "damaged"
        if file.kind == "warc":
            return self._warc(file, is_left=is_left)
        if file.kind.startswith(MEMORY):
            about = file.kind.rpartition("/")[2]
            return Damage(touches=f"what the next pass must know of {about}, {file.rows} rows")
        damage = tell_damage(self.root, file) if is_left else Damage(touches=f"all {file.rows} rows")
        if damage.capture_ids or damage.article_ids or file.kind not in TABLES:
            return damage
        # Rows that are whole still name those that are lost.
        if file.kind == "captures":
            orphans = orphaned_articles(self.index)
            return Damage(
                touches=damage.touches,
                capture_ids=tuple(dict.fromkeys(capture for _, capture in orphans)),
                article_ids=tuple(article for article, _ in orphans),
            )
        if file.kind == "articles":
            return Damage(touches=damage.touches, article_ids=articles_named(self.index))
        return damage

    def _warc(self, file: DataFile, *, is_left: bool) -> Damage:
        places = self.index.places(file.path)
        survey = self._survey(file) if is_left else None
        if survey is None:
            told = f"all {file.rows} captures in it"
            return Damage(touches=told, capture_ids=tuple(place.capture_id for place in places))
        told, captures = tell_records(survey, places)
        return Damage(touches=told, capture_ids=captures)

    def _survey(self, file: DataFile) -> Survey | None:
        try:
            with open_store(self.root).open(file.path) as source:
                return survey_warc(source)
        except (OSError, ValueError):
            return None
