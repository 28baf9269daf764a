"""What an operator is told when a command meets something foreseeable: one sentence, never a traceback.

The errors of libraries are known by their names: most commands do without the libraries.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.settings import Settings

OURS = {"shared", "services", "deploy"}
"""Exceptions of these packages read as sentences."""

UNMIGRATED = re.compile(r"no such table|no such column|(relation|schema|role|column) .* does not exist")
"""How SQLite and PostgreSQL say that tables or roles are not there."""

_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@/\s]*@")


def explain(error: Exception) -> str | None:
    """The sentence for an error; None for one that nobody foresaw, whose traceback is worth having."""
    sentence = _sentence(error)
    return None if sentence is None else masked(sentence)


def masked(text: str) -> str:
    """The text without the passwords of its URLs."""
    return _PASSWORD.sub(r"\1:***@", text)


def _sentence(error: BaseException) -> str | None:
    if type(error).__name__ == "DatabaseIsUnavailable" and error.__cause__ is not None:
        # A client is told no more; an operator needs to know what the database said.
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
        "IISGD_DATABASE_URL names no database that can be used here; write sqlite:///file "
        "or postgresql+psycopg://user:password@host/name."
    )


def _module_sentence(error: Any) -> str | None:
    """SQLAlchemy looks for the driver that the URL names, or implies."""
    return _url_sentence(error) if error.name in {"psycopg2", "MySQLdb", "oracledb", "pyodbc"} else None


def _database_sentence(error: Any) -> str | None:
    said = " ".join(str(error.orig).split())
    if UNMIGRATED.search(said):
        return f"The database lacks what this version needs ({said}). Run 'iisgd migrate'."
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
    "httpx.TransportError": lambda error: f"The web process does not answer: {error}",
    "httpx.HTTPStatusError": lambda error: f"{error.request.url} was answered: {error.response.text}",
}
"""What to say of the errors of libraries; None where it takes a traceback after all."""
