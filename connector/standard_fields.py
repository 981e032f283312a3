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
CALL_TYPE = ("Outbound", "Inbound", "Missed")

NAMES: dict[str, dict[str, str]] = {
    Module.ACCOUNTS: {
        "Account_Name": "text",
        "Owner": "ownerlookup",
        "Industry": "text",
        "Employees": "integer",
        "Annual_Revenue": "currency",
        "Account_Type": "text",
        "Phone": "phone",
        "Website": "website",
        "Billing_Country": "text",
        "Billing_State": "text",
        "Billing_City": "text",
        "Shipping_Country": "text",
        "Shipping_City": "text",
        "Currency": "text",
        "Exchange_Rate": "double",
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
        "Who_Id": "lookup",
        "Due_Date": "date",
        "Status": "picklist",
        "Priority": "picklist",
        "Closed_Time": "datetime",
        "Description": "textarea",
    },
    Module.CONTACTS: {
        "Last_Name": "text",
        "Owner": "ownerlookup",
        "Account_Name": "lookup",
        "Title": "text",
        "Email_Opt_Out": "boolean",
    },
    Module.CALLS: {
        "Subject": "text",
        "Owner": "ownerlookup",
        "What_Id": "lookup",
        "Who_Id": "lookup",
        "Call_Type": "picklist",
        "Call_Start_Time": "datetime",
    },
    Module.EVENTS: {
        "Event_Title": "text",
        "Owner": "ownerlookup",
        "What_Id": "lookup",
        "Who_Id": "lookup",
        "Start_DateTime": "datetime",
    },
    Module.CASES: {
        "Subject": "text",
        "Owner": "ownerlookup",
        "Account_Name": "lookup",
        "Status": "text",
        "Type": "text",
        "Priority": "text",
    },
    Module.NOTES: {
        "Note_Title": "text",
        "Owner": "ownerlookup",
        "Parent_Id": "lookup",
    },
}
SYSTEM = {
    "Created_Time": "datetime",
    "Modified_Time": "datetime",
    "Created_By": "ownerlookup",
    "Modified_By": "ownerlookup",
    "Tag": "text",
}
REQUIRED = frozenset(
    {
        (Module.ACCOUNTS, "Account_Name"),
        (Module.DEALS, "Deal_Name"),
        (Module.TASKS, "Subject"),
        (Module.CONTACTS, "Last_Name"),
        (Module.CALLS, "Subject"),
        (Module.EVENTS, "Event_Title"),
        (Module.CASES, "Subject"),
    }
)
"""Fields that a record cannot be without."""


def _options(name: str, kind: str) -> tuple[Option, ...]:
    if kind != "picklist":
        return ()
    if name == "Stage":
        return tuple(Option(stage, stage, category=each) for stage, each in STAGES.items())
    choices = {"Status": TASK_STATUS, "Priority": TASK_PRIORITY, "Call_Type": CALL_TYPE}
    return tuple(Option(value, value) for value in choices[name])


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
                required=(module, name) in REQUIRED,
                length=255 if kind == "text" else None,
                options=_options(name, kind),
            )
            for at, (name, kind) in enumerate((names | SYSTEM).items())
        ]
    return found
