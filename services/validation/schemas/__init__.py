"""Shapes at validation's edge."""

from services.validation.schemas.checks import CheckAnswer, CheckBody, CheckQuery
from services.validation.schemas.findings import (
    FindingFollowed,
    Findings,
    FindingsQuery,
    Justification,
    Waiver,
)
from services.validation.schemas.rules import RulesetQuery, Rulesets, RulesetShown, RuleStatistics
from services.validation.schemas.verdicts import History, Report, ReportQuery, VerdictQuery, VerdictShown

__all__ = [
    "CheckAnswer",
    "CheckBody",
    "CheckQuery",
    "FindingFollowed",
    "Findings",
    "FindingsQuery",
    "History",
    "Justification",
    "Report",
    "ReportQuery",
    "RuleStatistics",
    "RulesetQuery",
    "RulesetShown",
    "Rulesets",
    "VerdictQuery",
    "VerdictShown",
    "Waiver",
]
