"""The fields and sales stages that a new CRM has before anybody adds their own.

Names, types and stages are those of a fresh Zoho organisation, as far as we read or write them.
"""

from __future__ import annotations

from connector.model import Field, Module, Option

STAGES = {
    "Qualification": "open",
    "Needs Analysis": "open",
    "Value Proposition": "open",
    "Identify Decision Makers": "open",
    "Proposal/Price Quote": "open",
    "Negotiation/Review": "open",
    "Closed Won": "won",
    "Closed Lost": "lost",
    "Closed Lost to Competition": "lost",
}
TASK_STATUS = ("Not Started", "Deferred", "In Progress", "Completed", "Waiting for input")
TASK_PRIORITY = ("High", "Highest", "Low", "Lowest", "Normal")

NAMES: dict[str, dict[str, str]] = {
    Module.ACCOUNTS: {
        "Account_Name": "text",
        "Owner": "ownerlookup",
        "Industry": "text",
        "Employees": "integer",
        "Annual_Revenue": "currency",
        "Phone": "phone",
        "Website": "website",
        "Billing_Country": "text",
        "Billing_State": "text",
        "Billing_City": "text",
        "Description": "textarea",
    },
    Module.DEALS: {
        "Deal_Name": "text",
        "Owner": "ownerlookup",
        "Account_Name": "lookup",
        "Stage": "picklist",
        "Amount": "currency",
        "Currency": "text",
        "Exchange_Rate": "double",
        "Closing_Date": "date",
    },
    Module.TASKS: {
        "Subject": "text",
        "Owner": "ownerlookup",
        "What_Id": "lookup",
        "Due_Date": "date",
        "Status": "picklist",
        "Priority": "picklist",
        "Description": "textarea",
    },
}
SYSTEM = {
    "Created_Time": "datetime",
    "Modified_Time": "datetime",
    "Created_By": "ownerlookup",
    "Modified_By": "ownerlookup",
    "Tag": "text",
}
REQUIRED = {"Account_Name": Module.ACCOUNTS, "Deal_Name": Module.DEALS, "Subject": Module.TASKS}


def _options(name: str) -> tuple[Option, ...]:
    if name == "Stage":
        return tuple(Option(stage, stage, category=kind) for stage, kind in STAGES.items())
    values = {"Status": TASK_STATUS, "Priority": TASK_PRIORITY}.get(name, ())
    return tuple(Option(value, value) for value in values)


def standard_fields() -> dict[str, list[Field]]:
    """The fields of each module; their ids are small numbers, unlike those of fields added later."""
    found: dict[str, list[Field]] = {}
    for module, names in NAMES.items():
        found[module] = [
            Field(
                id=str(1000 + 100 * len(found) + at),
                name=name,
                label=name.replace("_", " "),
                type=kind,
                read_only=name in SYSTEM,
                required=REQUIRED.get(name) == module,
                length=255 if kind == "text" else None,
                options=_options(name),
            )
            for at, (name, kind) in enumerate((names | SYSTEM).items())
        ]
    return found
