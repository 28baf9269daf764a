"""Where a submission stands: the highest (version, verdict) holds, whatever came first."""

from dataclasses import dataclass

ACCEPTED = "accepted"
RETURNED = "returned"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The outcome of one verdict on one version; a withdrawal is a version of its own with verdict 0."""

    submission: str
    version: int
    verdict: int
    outcome: str
    reporter: str
    kind: str
    period: str
    body: str | None
    """The sha-256 of the body; None where it was withdrawn."""
    records: int

    @property
    def order(self) -> tuple[int, int]:
        """What decides which of two standings holds."""
        return self.version, self.verdict

    @property
    def is_accepted(self) -> bool:
        """Whether its records count."""
        return self.outcome == ACCEPTED

    def holds_over(self, other: "Standing | None") -> bool:
        """Whether this one is higher. The same again is not."""
        return other is None or self.order > other.order

    def counts_first(self, former: "Standing | None") -> bool:
        """Whether the submission's records come to count with this one, and did not before."""
        return self.is_accepted and self.holds_over(former) and not (former and former.is_accepted)

    def is_reported_first(self, former: "Standing | None") -> bool:
        """Whether this version's records count with this one and did not with the former; those of another version may have."""
        is_known = former is not None and former.is_accepted and former.version == self.version
        return self.is_accepted and not is_known

    def holds_the_same(self, former: "Standing") -> bool:
        """Whether the same records count with this one as with the former."""
        return self.is_accepted and former.is_accepted and self.body == former.body
