"""What is said of a file that cannot be read at all."""


class FileIsRefused(Exception):
    """A file cannot be read: which rule refuses it, what is wrong, what would pass, and where."""

    def __init__(self, rule: str, message: str, expected: str, place: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.place = place
