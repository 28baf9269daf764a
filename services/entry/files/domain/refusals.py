"""The refusal of an unreadable file."""

RESAVE = "Open the workbook in a spreadsheet program and save it again as .xlsx."
"""The remedy for a damaged workbook."""


class FileIsRefused(Exception):
    """A file cannot be read. The facts are the rule, the error, the expectation and the place."""

    def __init__(self, rule: str, message: str, expected: str, place: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.expected = expected
        self.place = place

    @property
    def facts(self) -> dict[str, str]:
        """Return the refusal as stored and shown, without a missing place."""
        return {name: value for name, value in vars(self).items() if value is not None}
