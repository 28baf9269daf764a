"""Structured logs: one line per event, with its service and trace."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from shared.settings import Settings


def configure(settings: Settings, process: str) -> None:
    """Send every log line, including those of libraries, to standard error in one form."""
    shape: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )

    def name_process(
        _logger: Any, _method: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        # Not bound as a context: the threads of a web server start with an empty one.
        line["process"] = process
        return line

    before: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_process,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shape],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    # Celery logs each message twice; the bus logs handled deliveries itself.
    logging.getLogger("celery").setLevel(logging.WARNING)
    # At the level DEBUG, Authlib logs the tokens that it issues.
    logging.getLogger("authlib").setLevel(logging.INFO)


_LOGGER: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def log() -> structlog.typing.FilteringBoundLogger:
    """Return the logger; pass an event and its facts: `log().info("submission received", submission=...)`."""
    return _LOGGER


@contextmanager
def tracing(trace: str, **facts: str) -> Iterator[None]:
    """Add a trace id, and facts, to every log line written in the block."""
    with structlog.contextvars.bound_contextvars(trace=trace, **facts):
        yield


def current_trace() -> str | None:
    """Return the trace id that `tracing` bound, or None."""
    trace: str | None = structlog.contextvars.get_contextvars().get("trace")
    return trace
