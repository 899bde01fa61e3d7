"""The run's clock: the system's, or one instant for the whole run where `--now` fixes it."""

from datetime import UTC, datetime

from schemas.records import record


@record
class Clock:
    """Gives aware UTC instants; picklable, so that workers read the same clock."""

    fixed: datetime | None = None

    def __call__(self) -> datetime:
        return self.fixed or datetime.now(UTC)
