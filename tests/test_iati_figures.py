"""IATI activity files from their upload to the figures: every cent counts for its recipient, and for nobody else."""

from typing import Any
from urllib.parse import urlencode

import pytest

from shared.ids import new_id
from tests.in_process import Installation, installed

MAPPING = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:CLEAR"}

HALF = '<recipient-country code="AL" percentage="50"/><recipient-country code="UA" percentage="50"/>'
SIX = "".join(f'<recipient-country code="{code}"/>' for code in ("AL", "BA", "XK", "ME", "MK", "RS"))
TWICE = '<recipient-country code="AL" percentage="50"/>' * 2


def transaction(amount: str, *, recipient: str = "", type_: str = "3") -> str:
    """Return a transaction, with a recipient of its own if one is named."""
    own = f'<recipient-country code="{recipient}"/>' if recipient else ""
    return (
        f'<transaction><transaction-type code="{type_}"/><transaction-date iso-date="2026-02-01"/>'
        f'<value value-date="2026-02-01">{amount}</value>{own}</transaction>'
    )


def budget(type_: str, start: str, end: str, amount: int) -> str:
    """Return a budget of a period of 2026."""
    period = f'<period-start iso-date="2026-{start}"/><period-end iso-date="2026-{end}"/>'
    return f'<budget type="{type_}">{period}<value value-date="2026-01-01">{amount}</value></budget>'


REVISED = (
    budget("1", "01-01", "12-31", 100) + budget("2", "01-01", "06-30", 60) + budget("2", "07-01", "12-31", 60)
)


def activity(inner: str, *, currency: str = "EUR") -> str:
    """Return an activity that breaks no rule but by its inner elements."""
    return f"""<iati-activity default-currency="{currency}" xml:lang="en">
<iati-identifier>XM-DAC-41-{currency}</iati-identifier><title><narrative>Prisons {currency}</narrative></title>
<participating-org role="1" type="10"><narrative>Ministry</narrative></participating-org><activity-status code="2"/>
<activity-date type="1" iso-date="2021-01-01"/><activity-date type="2" iso-date="2021-01-01"/>
<activity-date type="3" iso-date="2027-12-31"/>{inner}</iati-activity>"""


def file_of(*activities: str, version: str = "2.03") -> bytes:
    """Return a file of activities."""
    return f'<iati-activities version="{version}">{"".join(activities)}</iati-activities>'.encode()


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


def submit(installation: Installation, content: bytes) -> dict[str, Any]:
    """Submit a file for the EC, and return the submission with its verdict."""
    answer = installation.client.http.post(
        f"/entry/v1/files?{urlencode(MAPPING)}",
        data=content,
        headers=installation.client._headers("EC") | {"Idempotency-Key": new_id()},
        content_type="application/xml",
    )
    assert answer.status_code == 202, answer.text
    installation.settle()
    return installation.client.get(f"/entry/v1/submissions/{answer.json['id']}", as_="EC").json


CASES = {
    # half of it outside the region
    "EUR": (HALF + transaction("1000.01"), {"AL": "500.01", "outside": "500.00"}),
    # recipients of transactions
    "USD": (
        transaction("900000", recipient="AL") + transaction("100000", recipient="RS"),
        {"AL": "900000.00", "RS": "100000.00"},
    ),
    # recipients of transactions, one of them outside the region
    "CHF": (
        transaction("0.01", recipient="AL") + transaction("1", recipient="UA"),
        {"AL": "0.01", "outside": "1.00"},
    ),
    # no percentages
    "GBP": (
        SIX + transaction("100"),
        {"AL": "16.70", **dict.fromkeys(("BA", "XK", "ME", "MK", "RS"), "16.66")},
    ),
    # a code that is repeated
    "ALL": (TWICE + transaction("100"), {"AL": "100.00"}),
    # a revised budget
    "RSD": (SIX + REVISED, dict.fromkeys(("AL", "BA", "XK", "ME", "MK", "RS"), "20.00")),
}
"""Activities by currency, with the money of each partner."""


def test_the_money_of_an_accepted_activity_counts_for_its_recipients_to_the_cent(installation):
    content = file_of(*(activity(inner, currency=currency) for currency, (inner, _) in CASES.items()))
    assert submit(installation, content)["state"] == "accepted"
    body = installation.client.get("/reporting/v1/aggregates?group_by=partner", as_="EC").json
    found: dict[str, dict[str, str]] = {currency: {} for currency in CASES}
    for row in body["rows"]:
        for amount in row["amounts"]:
            measure = "committed" if amount["currency"] == "RSD" else "spent"
            found[amount["currency"]][row["partner"]] = amount[measure]
    assert found == {currency: expected for currency, (_, expected) in CASES.items()}
    labels = {row["partner"]: row["partner_label"] for row in body["rows"]}
    assert labels["outside"] == "Outside the region"


def test_an_old_version_is_refused_by_its_version_alone(installation):
    shown = submit(installation, file_of(activity(HALF), version="1.01"))
    assert shown["state"] == "returned"
    assert shown["refusal"]["message"] == (
        "The file is of IATI version 1.01, which cannot be read: convert it to version 2.03."
    )


def test_a_transaction_that_is_not_read_is_on_the_submission_with_its_place(installation):
    shown = submit(installation, file_of(activity(HALF + transaction("1,234,567.00") + transaction("10"))))
    assert shown["state"] == "returned"
    (part,) = shown["reading"]["unread"]
    assert (part["reason"], part["ref"], part["element"]) == ("iati-amount", "XM-DAC-41-EUR", "transaction 1")
    assert (part["amount"], part["currency"]) == ("1,234,567.00", "EUR")
    assert shown["reading"]["read"]["transactions"] == 1
