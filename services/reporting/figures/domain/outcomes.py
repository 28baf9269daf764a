"""The outcome of a submission: the highest (version, verdict) is current, in whatever order verdicts arrive."""

from dataclasses import dataclass

ACCEPTED = "accepted"
RETURNED = "returned"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one verdict on one version; a withdrawal is a version of its own with verdict 0."""

    submission: str
    version: int
    verdict: int
    outcome: str
    reporter: str
    kind: str
    period: str
    body: str | None
    """The sha-256 of the body; None for a withdrawal."""
    records: int
    received_at: str | None = None
    """When the version was received; None for a withdrawal, and for outcomes stored before it was."""

    @property
    def order(self) -> tuple[int, int]:
        """The order of outcomes: the highest is current."""
        return self.version, self.verdict

    @property
    def is_accepted(self) -> bool:
        """Whether the submission's records count."""
        return self.outcome == ACCEPTED

    def supersedes(self, other: "Outcome | None") -> bool:
        """Whether this outcome is higher than the other. An equal one is not."""
        return other is None or self.order > other.order

    def counts_first(self, previous: "Outcome | None") -> bool:
        """Whether the submission's records begin to count with this outcome."""
        return self.is_accepted and self.supersedes(previous) and not (previous and previous.is_accepted)

    def is_reported_first(self, previous: "Outcome | None") -> bool:
        """Whether this version's records begin to count with this outcome; those of another version may have counted."""
        is_known = previous is not None and previous.is_accepted and previous.version == self.version
        return self.is_accepted and not is_known

    def contributes_same(self, previous: "Outcome") -> bool:
        """Whether the records that count, and their places, are those of the previous outcome."""
        is_same = (self.version, self.body) == (previous.version, previous.body)
        return self.is_accepted and previous.is_accepted and is_same
