"""The one error a person is meant to read: what is wrong, where, and what to do."""


class UserError(Exception):
    """A mistake of the user's or of their files, told in one line; the command line prints it without a traceback."""


def seed_error(file: str, entry: str, field: str, problem: str, remedy: str) -> UserError:
    """A mistake in a seed file, naming file, entry, field and remedy."""
    return UserError(f"{file}: {entry}: field '{field}': {problem}; {remedy}")
