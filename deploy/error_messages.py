"""Sentences for expected errors, in place of tracebacks.

Errors of libraries are recognised by name: most commands do not import the libraries.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.settings import Settings

OURS = {"shared", "services", "deploy"}
"""Exceptions of these packages read as sentences."""

UNMIGRATED = re.compile(r"no such table|no such column|(relation|schema|role|column) .* does not exist")
"""The messages of SQLite and PostgreSQL about missing tables or roles."""

_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@/\s]*@")


def explain(error: Exception) -> str | None:
    """Return the sentence for an expected error; None for an unexpected one, which needs its traceback."""
    sentence = _sentence(error)
    return None if sentence is None else mask_passwords(sentence)


def mask_passwords(text: str) -> str:
    """Remove the passwords from the URLs in a text."""
    return _PASSWORD.sub(r"\1:***@", text)


def _sentence(error: BaseException) -> str | None:
    if type(error).__name__ == "DatabaseIsUnavailable" and error.__cause__ is not None:
        # Clients see only this error; operators need the database's message.
        error = error.__cause__
    if type(error).__module__.partition(".")[0] in OURS:
        return str(error)
    for kind in type(error).__mro__:
        say = SENTENCES.get(f"{kind.__module__}.{kind.__name__}")
        if say and (sentence := say(error)):
            return sentence
    return None


def _url_sentence(_error: Any) -> str:
    return (
        "IISGD_DATABASE_URL is not a supported database URL. Use sqlite:///file "
        "or postgresql+psycopg://user:password@host/name."
    )


def _module_sentence(error: Any) -> str | None:
    """Explain a database driver that is missing; SQLAlchemy imports the one that the URL names or implies."""
    return _url_sentence(error) if error.name in {"psycopg2", "MySQLdb", "oracledb", "pyodbc"} else None


def _database_sentence(error: Any) -> str | None:
    said = " ".join(str(error.orig).split())
    if UNMIGRATED.search(said):
        return f"The database lacks tables or roles that this version needs ({said}). Run 'iisgd migrate'."
    if any(kind.__name__ == "OperationalError" for kind in type(error.orig).__mro__):
        return f"The database (IISGD_DATABASE_URL) cannot be reached: {said}"
    return None


def _file_sentence(error: Any) -> str | None:
    said = str(error.strerror)
    if not error.filename:
        return said
    home = Settings.from_environ().home
    if not home.is_dir() and Path(error.filename).absolute().is_relative_to(home.absolute()):
        return f"{home} (IISGD_HOME) cannot be used: {said}"
    return f"{said}: {error.filename}"


SENTENCES: dict[str, Callable[[Any], str | None]] = {
    "builtins.ModuleNotFoundError": _module_sentence,
    "builtins.OSError": _file_sentence,
    "sqlalchemy.exc.NoSuchModuleError": _url_sentence,
    "sqlalchemy.exc.ArgumentError": lambda error: (
        _url_sentence(error) if "SQLAlchemy URL" in str(error) else None
    ),
    "sqlalchemy.exc.DBAPIError": _database_sentence,
    "httpx.TransportError": lambda error: f"The web process does not respond: {error}",
    "httpx.HTTPStatusError": lambda error: f"{error.request.url} returned: {error.response.text}",
}
"""Library errors by name, each with its sentence; None keeps the traceback."""
