"""Logs are lines of JSON in var/log; people's messages go to standard error, results to standard output."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class JsonLines(logging.Formatter):
    """One object a line: time in UTC, level, where, message, and the fields given."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "where": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if fields:
            line["fields"] = fields
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to(folder: Path) -> logging.Logger:
    """The project's logger, writing to `folder`/horizon.jsonl and nowhere else; safe to call twice."""
    logger = logging.getLogger("horizon")
    wanted = str((folder / "horizon.jsonl").resolve())
    own = [handler for handler in logger.handlers if isinstance(handler, logging.FileHandler)]
    if any(handler.baseFilename == wanted for handler in own):
        return logger
    for handler in own:
        # One store's lines never go into another one's file.
        logger.removeHandler(handler)
        handler.close()
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(wanted, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger
