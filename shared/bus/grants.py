"""Rights on the bus's tables on PostgreSQL.

Only its producer inserts an event, and only its subscribers read it. A service reads and updates its own deliveries. The
relay and the operator read every delivery, and of events everything but the payload. A service reads the stored results
of its own requests, per reporter.
"""

from collections.abc import Sequence

from shared.database.row_security import visibility_condition

OPERATOR_ROLES = ("relay", "operator")
"""Roles other than services: the relay rings, the operator inspects and replays."""


def grants(services: Sequence[str]) -> list[str]:
    """Return the statements, in order. They may be run repeatedly."""
    all_services = ", ".join(f"iisgd_{name}" for name in services)
    operators = ", ".join(f"iisgd_{name}" for name in OPERATOR_ROLES)
    mine = "('iisgd_' || subscriber) = current_user"
    ours = "('iisgd_' || service) = current_user"
    delivered = f"EXISTS (SELECT 1 FROM bus.deliveries d WHERE d.event_id = events.id AND {mine})"  # noqa: S608 - no data in it
    statements = [
        f"GRANT USAGE ON SCHEMA bus TO {all_services}, {operators}",
        f"GRANT SELECT, INSERT ON bus.events, bus.blobs TO {all_services}",
        f"GRANT SELECT, INSERT, UPDATE ON bus.deliveries, bus.canaries TO {all_services}",
        f"GRANT SELECT, INSERT, DELETE ON bus.answers TO {all_services}",
        f"GRANT SELECT, UPDATE, DELETE ON bus.deliveries TO {operators}",
        f"GRANT SELECT ON bus.canaries TO {operators}",
        "GRANT SELECT (id, name, producer, trace, occurred_at) ON bus.events TO iisgd_relay, iisgd_operator",
        "GRANT DELETE ON bus.events, bus.answers TO iisgd_operator",
        "GRANT SELECT (created_at) ON bus.answers TO iisgd_operator",
    ]
    policies = [
        ("events", "written", "INSERT", all_services, "WITH CHECK (('iisgd_' || producer) = current_user)"),
        ("events", "told", "SELECT", all_services, f"USING ({delivered})"),
        ("events", "overseen", "ALL", operators, "USING (true)"),
        ("deliveries", "addressed", "INSERT", all_services, "WITH CHECK (true)"),
        ("deliveries", "received", "SELECT", all_services, f"USING ({mine})"),
        ("deliveries", "handled", "UPDATE", all_services, f"USING ({mine})"),
        ("deliveries", "overseen", "ALL", operators, "USING (true)"),
        (
            "answers",
            "own",
            "ALL",
            all_services,
            f"USING ({ours} AND ({visibility_condition('reporter')})) WITH CHECK ({ours})",
        ),
        ("answers", "overseen", "ALL", "iisgd_operator", "USING (true)"),
    ]
    for table in ("events", "deliveries", "answers"):
        statements += [
            f"ALTER TABLE bus.{table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE bus.{table} FORCE ROW LEVEL SECURITY",
        ]
    for table, name, command, roles, condition in policies:
        statements += [
            f"DROP POLICY IF EXISTS {name} ON bus.{table}",
            f"CREATE POLICY {name} ON bus.{table} FOR {command} TO {roles} {condition}",
        ]
    return statements
