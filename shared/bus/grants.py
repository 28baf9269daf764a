"""Who may do what with the bus's tables on PostgreSQL.

Anyone may insert an event; its subscribers may read it; a service sees and updates only its own deliveries; the relay and
the operator see every delivery, and of events only what is not the payload. A stored answer is seen by its service, for its
reporter.
"""

from collections.abc import Sequence

from shared.database.row_security import visibility_condition

OPERATOR_ROLES = ("relay", "operator")
"""Roles that are no service: the relay rings, the operator looks and replays."""


def grants(services: Sequence[str]) -> list[str]:
    """The statements, in order; they may be run again."""
    everybody = ", ".join(f"iisgd_{name}" for name in services)
    overseers = ", ".join(f"iisgd_{name}" for name in OPERATOR_ROLES)
    mine = "('iisgd_' || subscriber) = current_user"
    ours = "('iisgd_' || service) = current_user"
    told = f"EXISTS (SELECT 1 FROM bus.deliveries d WHERE d.event_id = events.id AND {mine})"  # noqa: S608 - no data in it
    statements = [
        f"GRANT USAGE ON SCHEMA bus TO {everybody}, {overseers}",
        f"GRANT SELECT, INSERT ON bus.events, bus.blobs TO {everybody}",
        f"GRANT SELECT, INSERT, UPDATE ON bus.deliveries, bus.canaries TO {everybody}",
        f"GRANT SELECT, INSERT, DELETE ON bus.answers TO {everybody}",
        f"GRANT SELECT, UPDATE, DELETE ON bus.deliveries TO {overseers}",
        f"GRANT SELECT ON bus.canaries TO {overseers}",
        "GRANT SELECT (id, name, producer, trace, occurred_at) ON bus.events TO iisgd_relay, iisgd_operator",
        "GRANT DELETE ON bus.events, bus.answers TO iisgd_operator",
        "GRANT SELECT (created_at) ON bus.answers TO iisgd_operator",
    ]
    policies = [
        ("events", "written", "INSERT", everybody, "WITH CHECK (('iisgd_' || producer) = current_user)"),
        ("events", "told", "SELECT", everybody, f"USING ({told})"),
        ("events", "overseen", "ALL", overseers, "USING (true)"),
        ("deliveries", "addressed", "INSERT", everybody, "WITH CHECK (true)"),
        ("deliveries", "received", "SELECT", everybody, f"USING ({mine})"),
        ("deliveries", "handled", "UPDATE", everybody, f"USING ({mine})"),
        ("deliveries", "overseen", "ALL", overseers, "USING (true)"),
        (
            "answers",
            "own",
            "ALL",
            everybody,
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
