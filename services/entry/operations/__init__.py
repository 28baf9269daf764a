"""What entry does: takes submissions and corrections, takes them back, and notes what becomes of them."""

from services.entry.operations.accepting import rest_of
from services.entry.operations.carrying import carry_over, list_former, records_to_carry
from services.entry.operations.clients import (
    add_client_key,
    end_client,
    end_client_key,
    end_client_secret,
    make_client,
    make_client_secret,
)
from services.entry.operations.delegating import (
    end_delegation,
    give_delegation,
    list_delegations,
)
from services.entry.operations.files import read_version
from services.entry.operations.handing_in import (
    Handed,
    check_handed,
    correct_submission,
    find_same,
    receive_submission,
    try_submission,
)
from services.entry.operations.journal import Checked, check_chain, list_changes, note, seal_entries
from services.entry.operations.letting_in import (
    UNKNOWN,
    Shown,
    TokenIsNotGiven,
    let_in,
    recognise_assertion,
    recognise_secret,
)
from services.entry.operations.nothing import sign_nothing
from services.entry.operations.noting import (
    note_progress,
    note_reported,
    note_trial,
    note_verdict,
)
from services.entry.operations.reading import (
    get_own,
    get_visible,
    list_visible,
    read_findings,
    waiting_of,
)
from services.entry.operations.receipts import read_receipt, receipt_for
from services.entry.operations.versions import compare_versions
from services.entry.operations.webhook_messages import (
    forget_messages,
    make_messages,
    replay_after,
    replay_message,
    write_test_message,
)
from services.entry.operations.webhook_sending import (
    Sending,
    send_due_messages,
)
from services.entry.operations.webhooks import (
    enable_webhook,
    end_webhook,
    end_webhook_secret,
    get_own_webhook,
    make_webhook,
    rotate_webhook_secret,
)
from services.entry.operations.windows import (
    check_collected,
    end_exception,
    grant_exception,
    list_collected,
    list_exceptions,
    set_deadline,
    set_window,
)
from services.entry.operations.withdrawing import withdraw_records, withdraw_submission

__all__ = [
    "UNKNOWN",
    "Checked",
    "Handed",
    "Sending",
    "Shown",
    "TokenIsNotGiven",
    "add_client_key",
    "carry_over",
    "check_chain",
    "check_collected",
    "check_handed",
    "compare_versions",
    "correct_submission",
    "enable_webhook",
    "end_client",
    "end_client_key",
    "end_client_secret",
    "end_delegation",
    "end_exception",
    "end_webhook",
    "end_webhook_secret",
    "find_same",
    "forget_messages",
    "get_own",
    "get_own_webhook",
    "get_visible",
    "give_delegation",
    "grant_exception",
    "let_in",
    "list_changes",
    "list_collected",
    "list_delegations",
    "list_exceptions",
    "list_former",
    "list_visible",
    "make_client",
    "make_client_secret",
    "make_messages",
    "make_webhook",
    "note",
    "note_progress",
    "note_reported",
    "note_trial",
    "note_verdict",
    "read_findings",
    "read_receipt",
    "read_version",
    "receipt_for",
    "receive_submission",
    "recognise_assertion",
    "recognise_secret",
    "records_to_carry",
    "replay_after",
    "replay_message",
    "rest_of",
    "rotate_webhook_secret",
    "seal_entries",
    "send_due_messages",
    "set_deadline",
    "set_window",
    "sign_nothing",
    "try_submission",
    "waiting_of",
    "withdraw_records",
    "withdraw_submission",
    "write_test_message",
]
