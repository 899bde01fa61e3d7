"""Errors that all layers share: the one a person is meant to read, and those that become records."""


class UserError(Exception):
    """A mistake of the user's or of their files, told in one line; the command line prints it without a traceback."""


class KindError(Exception):
    """Something that could not be had: `kind` is a short stable word that a dead letter names, `detail` says more."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def seed_error(file: str, entry: str, field: str, problem: str, remedy: str) -> UserError:
    """A mistake in a seed file, naming file, entry, field and remedy."""
    return UserError(f"{file}: {entry}: field '{field}': {problem}; {remedy}")
