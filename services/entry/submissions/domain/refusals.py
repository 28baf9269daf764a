"""Reasons for which a submission, a correction or a withdrawal is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.i18n import Text
from shared.i18n.lists import listed_and
from shared.reference.wording import kind_name


class KindIsNotYours(Exception):
    """The caller's role does not report the mapping."""

    def __init__(self, kind: str, kinds: Sequence[str]) -> None:
        super().__init__(
            Text(
                "You cannot submit {kind} records; your role reports {kinds}.",
                kind=kind,
                kinds=listed_and(kinds) or Text("no mapping"),
            )
        )


class PillarIsNotYours(Exception):
    """The caller's credential covers other pillars."""

    def __init__(self, pillar: str, pillars: Sequence[str]) -> None:
        super().__init__(
            Text(
                "You cannot submit for {pillar}; your credential is for {pillars}.",
                pillar=pillar,
                pillars=", ".join(pillars),
            )
        )


class VersionIsStale(Exception):
    """A correction or withdrawal names a version that is no longer current."""

    def __init__(self, given: int, current: int, changes: Mapping[str, Any] | None = None) -> None:
        super().__init__(
            Text(
                "Version {given} is outdated; the current version is {current}. Read version {current}, then correct it.",
                given=given,
                current=current,
            )
        )
        self.facts = {"given": given, "present": current, "changes": changes}


class SubmissionIsWithdrawn(Exception):
    """The submission was withdrawn and can no longer be changed."""

    def __init__(self) -> None:
        super().__init__(Text("The submission was withdrawn; submit a new one."))


class ReferenceIsTaken(Exception):
    """The reference was used before, for a submission with other content."""

    def __init__(self, reference: str, submission: str, *, known: str | None, given: str) -> None:
        super().__init__(
            Text(
                "You used the reference '{reference}' for submission {submission}, with other content. To correct that submission, name the replaced version in 'supersedes'; for a new submission, use another reference.",
                reference=reference,
                submission=submission,
            )
        )
        self.facts = {"submission": submission, "known_content": known, "given_content": given}


class ContentIsDuplicate(Exception):
    """Another submission of the reporter has this content."""

    def __init__(self, submission: str) -> None:
        super().__init__(
            Text(
                "Your submission {submission} already has this content; there is nothing to correct.",
                submission=submission,
            )
        )
        self.facts = {"submission": submission}


class WorkbookIsForAnother(Exception):
    """The workbook was made for another mapping than the one that the request names."""

    def __init__(self, *, made_for: tuple[str, str, str], submitted: tuple[str, str, str]) -> None:
        super().__init__(
            Text(
                "The workbook was made for the {made_kind} mapping of {made_period} in {made_pillar}, and is submitted for "
                "the {kind} mapping of {period} in {pillar}. Submit it for the mapping that it was made for, or use the "
                "template of the other one.",
                made_pillar=made_for[0],
                made_kind=kind_name(made_for[1]),
                made_period=made_for[2],
                pillar=submitted[0],
                kind=kind_name(submitted[1]),
                period=submitted[2],
            )
        )


class SubmittedConcurrently(Exception):
    """Several requests submit the same content at the same moment; the content is stored once."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Other requests are submitting the same content at the same moment; list your submissions, or try again in a moment."
            )
        )


class TrialStaysTrial(Exception):
    """Trials cannot be corrected or withdrawn: they are never stored as data."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "This was a trial, which stores no data and cannot be changed; submit the data as a new submission."
            )
        )


class RecordsAreUnknown(Exception):
    """The submission does not have some of the records to withdraw."""

    def __init__(self, refs: Sequence[str]) -> None:
        named: str = ", ".join(map(repr, refs[:10]))
        if len(refs) > 10:  # noqa: PLR2004 - ten names are enough to see
            named = Text("{named} and {more} more", named=named, more=len(refs) - 10)
        super().__init__(
            Text("The current version has no records {named}; name records that it has.", named=named)
        )


class RecordsExist(Exception):
    """Records of the mapping were already submitted."""

    def __init__(self, submission: str) -> None:
        super().__init__(
            Text(
                "Your submission {submission} of this mapping has records; withdraw it before you sign a nil return.",
                submission=submission,
            )
        )
        self.facts = {"submission": submission}


class FileIsBeingRead(Exception):
    """The current version is a file that is not read yet."""

    def __init__(self) -> None:
        super().__init__(
            Text("The current version is a file that is still being read; try again in a moment.")
        )


class CorrectionDiffers(Exception):
    """The correction is for another mapping than the version that it replaces."""

    def __init__(self, what: str, was: str, now: str) -> None:
        super().__init__(
            Text(
                "A correction keeps the {what} of its submission, {was}; this correction is for {now}. Withdraw the submission and submit a new one.",
                what=what,
                was=was,
                now=now,
            )
        )
