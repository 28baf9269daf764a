"""What validation does: judge submissions and judge them again, follow findings, and look after the rulesets."""

from services.validation.operations.applying import apply_publications, count_waiting
from services.validation.operations.checking import check_submission, forget_submission
from services.validation.operations.chunking import judge_chunk, judge_whole
from services.validation.operations.dry_run import Handed, MappingIsNotYours, TextIsClassified, check_body
from services.validation.operations.excusing import (
    FindingCannotBeExcused,
    FindingIsUnknown,
    PeriodIsAdopted,
    WaiverIsTooLong,
    end_waivers,
    justify_finding,
    list_findings,
    waive_finding,
)
from services.validation.operations.impact import Impact, Turn, preview_impact
from services.validation.operations.importing import run_iati_ruleset
from services.validation.operations.judging_again import judge_again, outdate_submissions, settle_links
from services.validation.operations.noting import note_meeting, note_window
from services.validation.operations.publishing import DayIsPast, Publication, VersionIsTaken, publish_ruleset
from services.validation.operations.reading import (
    VerdictIsUnknown,
    get_report,
    get_verdict,
    list_verdicts,
)
from services.validation.operations.rulesets import (
    GENERAL,
    NAMES,
    RulesetIsUnknown,
    clashes,
    file_in_force,
    file_of_version,
    read_ruleset,
    ruleset_file,
    ruleset_in_force,
    rulesets_in_force,
    shipped_file,
    shipped_version,
    sound_ruleset,
    source_of,
    together,
)
from services.validation.operations.statistics import rule_statistics
from services.validation.operations.trials import judge_trial
from services.validation.operations.trying import Trial, try_records
from services.validation.operations.versions import get_ruleset, list_rulesets, list_versions

__all__ = [
    "GENERAL",
    "NAMES",
    "DayIsPast",
    "FindingCannotBeExcused",
    "FindingIsUnknown",
    "Handed",
    "Impact",
    "MappingIsNotYours",
    "PeriodIsAdopted",
    "Publication",
    "RulesetIsUnknown",
    "TextIsClassified",
    "Trial",
    "Turn",
    "VerdictIsUnknown",
    "VersionIsTaken",
    "WaiverIsTooLong",
    "apply_publications",
    "check_body",
    "check_submission",
    "clashes",
    "count_waiting",
    "end_waivers",
    "file_in_force",
    "file_of_version",
    "forget_submission",
    "get_report",
    "get_ruleset",
    "get_verdict",
    "judge_again",
    "judge_chunk",
    "judge_trial",
    "judge_whole",
    "justify_finding",
    "list_findings",
    "list_rulesets",
    "list_verdicts",
    "list_versions",
    "note_meeting",
    "note_window",
    "outdate_submissions",
    "preview_impact",
    "publish_ruleset",
    "read_ruleset",
    "rule_statistics",
    "ruleset_file",
    "ruleset_in_force",
    "rulesets_in_force",
    "run_iati_ruleset",
    "settle_links",
    "shipped_file",
    "shipped_version",
    "sound_ruleset",
    "source_of",
    "together",
    "try_records",
    "waive_finding",
]
