"""Reads the section that says which accounts are no customers, so that nobody is told to look after them."""

from __future__ import annotations

import re

from sync.policy.table import Table

_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
LeftOutAccounts = dict[str, tuple[str, ...]]
"""API name of a field on Accounts → values; an account with one of them is left out."""


def read_left_out_accounts(root: Table) -> LeftOutAccounts:
    """``[accounts]``."""
    table = root.section("accounts", ("leave_out",))
    content = table.value("leave_out")
    names = tuple(content) if isinstance(content, dict) else ()
    fields = Table(content or {}, table.at("leave_out"), table.notes, names)
    for name in names:
        if not _API_NAME.fullmatch(name):
            advice = (
                f"{name!r} is no API name. Zoho lists them under Setup, Developer Hub, APIs and SDKs, "
                'API Names; write for example: Account_Type = ["Competitor"]'
            )
            table.notes.add(fields.at(name), advice)
    return {name: fields.texts(name) for name in fields.names()}
