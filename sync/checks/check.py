"""One thing that the doctor looked at: how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connector.errors import CrmError
from connector.model import Json


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``advice`` is what to do, empty where all is well or ``text`` says it."""

    name: str
    level: Level
    text: str
    advice: str = ""

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "name": self.name,
            "level": str(self.level),
            "text": self.text,
            "advice": self.advice,
        }


def refused(name: str, error: CrmError, level: Level = Level.PROBLEM) -> Check:
    """What an error of the CRM says about one thing."""
    return Check(name, level, error.message, _ADVICE.get(error.code, error.hint))


_ADVICE = {
    "AUTHENTICATION_FAILURE": "Ask the Zoho administrator whether the user that gave the consent was "
    "deactivated; once it is active, or if it never was, run 'fenlei setup --reconnect'.",
    "NO_PERMISSION": "Ask the Zoho administrator to give the user that gave the consent this right: "
    "Setup, Users and Control, Security Control, Profiles.",
    "NOT_SUPPORTED": "Zoho answers this to administrators alone: let one of them give the consent with "
    "'fenlei setup --reconnect'.",
}
"""Zoho's code → what to do, where an administrator has to, whatever the call was."""
