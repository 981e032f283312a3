"""The fields that every Zoho CRM organisation starts with, module by module.

Names, labels and kinds of value are Zoho's defaults (v8 docs, "modules-api" and the standard fields of
each module); an organisation may have renamed labels and changed choices since. ``id`` is not among
them, as in Zoho's own list: every record has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connector.standin.standard_choices import (
    ACCOUNT_TYPES,
    CALL_TYPES,
    CASE_ORIGINS,
    CASE_PRIORITIES,
    CASE_STATUSES,
    CASE_TYPES,
    CURRENCIES,
    DEAL_TYPES,
    INDUSTRIES,
    LEAD_STATUSES,
    LOSS_REASONS,
    OWNERSHIPS,
    PIPELINES,
    PRIORITIES,
    PRODUCT_CATEGORIES,
    RATINGS,
    SALUTATIONS,
    SOURCES,
    TASK_STATUSES,
)


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard field before it has an id. ``choices`` are picklist values in their order."""

    api_name: str
    label: str
    data_type: str = "text"
    length: int | None = None
    required: bool = False
    read_only: bool = False
    lookup: str = ""
    choices: tuple[str, ...] = ()


def _money(length: int = 16) -> tuple[Standard, ...]:
    return (
        Standard("Currency", "Currency", "picklist", 3, choices=CURRENCIES),
        Standard("Exchange_Rate", "Exchange Rate", "double", length),
    )


def _system(owner: str) -> tuple[Standard, ...]:
    return (
        Standard("Owner", owner, "ownerlookup"),
        Standard("Created_By", "Created By", "ownerlookup", read_only=True),
        Standard("Modified_By", "Modified By", "ownerlookup", read_only=True),
        Standard("Created_Time", "Created Time", "datetime", read_only=True),
        Standard("Modified_Time", "Modified Time", "datetime", read_only=True),
        Standard("Last_Activity_Time", "Last Activity Time", "datetime", read_only=True),
        Standard("Tag", "Tag", "text", 2000),
    )


def _address(prefix: str, label: str) -> tuple[Standard, ...]:
    return (
        Standard(f"{prefix}Street", f"{label}Street", "text", 250),
        Standard(f"{prefix}City", f"{label}City", "text", 30),
        Standard(f"{prefix}State", f"{label}State", "text", 30),
        Standard(f"{prefix}Code" if prefix else "Zip_Code", f"{label}Code", "text", 30),
        Standard(f"{prefix}Country", f"{label}Country", "text", 30),
    )


_RELATED = (
    Standard("Who_Id", "Contact Name", "lookup", lookup="Contacts"),
    Standard("What_Id", "Related To", "lookup", lookup="se_module"),
)

_ACCOUNTS = (
    *_system("Account Owner"),
    Standard("Account_Name", "Account Name", "text", 200, required=True),
    Standard("Parent_Account", "Parent Account", "lookup", lookup="Accounts"),
    Standard("Account_Number", "Account Number", "bigint", 18),
    Standard("Account_Site", "Account Site", "text", 80),
    Standard("Account_Type", "Account Type", "picklist", choices=ACCOUNT_TYPES),
    Standard("Industry", "Industry", "picklist", choices=INDUSTRIES),
    Standard("Rating", "Rating", "picklist", choices=RATINGS),
    Standard("Ownership", "Ownership", "picklist", choices=OWNERSHIPS),
    Standard("Annual_Revenue", "Annual Revenue", "currency", 16),
    Standard("Employees", "Employees", "integer", 9),
    Standard("SIC_Code", "SIC Code", "integer", 9),
    Standard("Ticker_Symbol", "Ticker Symbol", "text", 30),
    Standard("Phone", "Phone", "phone", 30),
    Standard("Fax", "Fax", "text", 30),
    Standard("Website", "Website", "website", 255),
    *_address("Billing_", "Billing "),
    *_address("Shipping_", "Shipping "),
    *_money(),
    Standard("Description", "Description", "textarea", 32_000),
    Standard("Record_Image", "Account Image", "profileimage", read_only=True),
)

_CONTACTS = (
    *_system("Contact Owner"),
    Standard("Salutation", "Salutation", "picklist", choices=SALUTATIONS),
    Standard("First_Name", "First Name", "text", 40),
    Standard("Last_Name", "Last Name", "text", 80, required=True),
    Standard("Full_Name", "Full Name", "text", 120, read_only=True),
    Standard("Account_Name", "Account Name", "lookup", lookup="Accounts"),
    Standard("Email", "Email", "email", 100),
    Standard("Secondary_Email", "Secondary Email", "email", 100),
    Standard("Phone", "Phone", "phone", 50),
    Standard("Mobile", "Mobile", "phone", 30),
    Standard("Title", "Title", "text", 100),
    Standard("Department", "Department", "text", 50),
    Standard("Lead_Source", "Lead Source", "picklist", choices=SOURCES),
    Standard("Date_of_Birth", "Date of Birth", "date"),
    Standard("Email_Opt_Out", "Email Opt Out", "boolean"),
    *_address("Mailing_", "Mailing "),
    *_money(),
    Standard("Description", "Description", "textarea", 32_000),
)

_DEALS = (
    *_system("Deal Owner"),
    Standard("Deal_Name", "Deal Name", "text", 120, required=True),
    Standard("Account_Name", "Account Name", "lookup", lookup="Accounts"),
    Standard("Contact_Name", "Contact Name", "lookup", lookup="Contacts"),
    Standard("Stage", "Stage", "picklist", required=True),
    Standard("Amount", "Amount", "currency", 16),
    Standard("Closing_Date", "Closing Date", "date"),
    Standard("Probability", "Probability (%)", "integer", 9),
    Standard("Expected_Revenue", "Expected Revenue", "currency", 16, read_only=True),
    *_money(),
    Standard("Type", "Type", "picklist", choices=DEAL_TYPES),
    Standard("Lead_Source", "Lead Source", "picklist", choices=SOURCES),
    Standard("Next_Step", "Next Step", "text", 100),
    Standard("Reason_For_Loss__s", "Reason For Loss", "picklist", choices=LOSS_REASONS),
    Standard("Pipeline", "Pipeline", "picklist", choices=PIPELINES),
    Standard("Lead_Conversion_Time", "Lead Conversion Time", "integer", 9, read_only=True),
    Standard("Sales_Cycle_Duration", "Sales Cycle Duration", "integer", 9, read_only=True),
    Standard("Overall_Sales_Duration", "Overall Sales Duration", "integer", 9, read_only=True),
    Standard("Description", "Description", "textarea", 32_000),
)

_LEADS = (
    *_system("Lead Owner"),
    Standard("First_Name", "First Name", "text", 40),
    Standard("Last_Name", "Last Name", "text", 80, required=True),
    Standard("Full_Name", "Full Name", "text", 120, read_only=True),
    Standard("Company", "Company", "text", 200, required=True),
    Standard("Email", "Email", "email", 100),
    Standard("Phone", "Phone", "phone", 30),
    Standard("Mobile", "Mobile", "phone", 30),
    Standard("Title", "Title", "text", 100),
    Standard("Website", "Website", "website", 255),
    Standard("Lead_Source", "Lead Source", "picklist", choices=SOURCES),
    Standard("Lead_Status", "Lead Status", "picklist", choices=LEAD_STATUSES),
    Standard("Industry", "Industry", "picklist", choices=INDUSTRIES),
    Standard("Annual_Revenue", "Annual Revenue", "currency", 16),
    Standard("No_of_Employees", "No. of Employees", "integer", 9),
    *_address("", ""),
    *_money(),
    Standard("Description", "Description", "textarea", 32_000),
)

_TASKS = (
    *_system("Task Owner"),
    Standard("Subject", "Subject", "text", 300, required=True),
    Standard("Due_Date", "Due Date", "date"),
    *_RELATED,
    Standard("Status", "Status", "picklist", choices=TASK_STATUSES),
    Standard("Priority", "Priority", "picklist", choices=PRIORITIES),
    Standard("Closed_Time", "Closed Time", "datetime", read_only=True),
    Standard("Remind_At", "Reminder", "ALARM"),
    Standard("Recurring_Activity", "Repeat", "RRULE"),
    Standard("Send_Notification_Email", "Send Notification Email", "boolean"),
    *_money(),
    Standard("Description", "Description", "textarea", 32_000),
)

_CALLS = (
    *_system("Call Owner"),
    Standard("Subject", "Subject", "text", 255, required=True),
    Standard("Call_Type", "Call Type", "picklist", required=True, choices=CALL_TYPES),
    Standard("Call_Start_Time", "Call Start Time", "datetime", required=True),
    Standard("Call_Duration", "Call Duration", "text", 30),
    *_RELATED,
    Standard("Description", "Description", "textarea", 32_000),
)

_EVENTS = (
    *_system("Host"),
    Standard("Event_Title", "Title", "text", 255, required=True),
    Standard("Start_DateTime", "From", "datetime", required=True),
    Standard("End_DateTime", "To", "datetime", required=True),
    Standard("All_day", "All day", "boolean"),
    Standard("Venue", "Location", "text", 255),
    *_RELATED,
    Standard("Description", "Description", "textarea", 32_000),
)

_NOTES = (
    *_system("Note Owner"),
    Standard("Note_Title", "Note Title", "text", 120),
    Standard("Note_Content", "Note Content", "textarea", 65_535),
    Standard("Parent_Id", "Parent ID", "lookup", lookup="se_module"),
)

_CASES = (
    *_system("Case Owner"),
    Standard("Case_Number", "Case Number", "autonumber", read_only=True),
    Standard("Subject", "Subject", "text", 300, required=True),
    Standard("Status", "Status", "picklist", required=True, choices=CASE_STATUSES),
    Standard("Priority", "Priority", "picklist", choices=CASE_PRIORITIES),
    Standard("Case_Origin", "Case Origin", "picklist", required=True, choices=CASE_ORIGINS),
    Standard("Type", "Type", "picklist", choices=CASE_TYPES),
    Standard("Account_Name", "Account Name", "lookup", lookup="Accounts"),
    Standard("Deal_Name", "Deal Name", "lookup", lookup="Deals"),
    Standard("Related_To", "Related To", "lookup", lookup="Contacts"),
    Standard("Email", "Email", "email", 100),
    Standard("Description", "Description", "textarea", 32_000),
    Standard("Solution", "Solution", "textarea", 32_000),
)

_PRODUCTS = (
    *_system("Product Owner"),
    Standard("Product_Name", "Product Name", "text", 200, required=True),
    Standard("Product_Code", "Product Code", "text", 40),
    Standard("Product_Active", "Product Active", "boolean"),
    Standard("Product_Category", "Product Category", "picklist", choices=PRODUCT_CATEGORIES),
    Standard("Unit_Price", "Unit Price", "currency", 16),
    Standard("Qty_in_Stock", "Quantity in Stock", "double", 16),
    Standard("Sales_Start_Date", "Sales Start Date", "date"),
    Standard("Sales_End_Date", "Sales End Date", "date"),
    *_money(),
    Standard("Description", "Description", "textarea", 32_000),
)

STANDARD_FIELDS: Mapping[str, tuple[Standard, ...]] = MappingProxyType(
    {
        "Leads": _LEADS,
        "Contacts": _CONTACTS,
        "Accounts": _ACCOUNTS,
        "Deals": _DEALS,
        "Tasks": _TASKS,
        "Events": _EVENTS,
        "Calls": _CALLS,
        "Products": _PRODUCTS,
        "Cases": _CASES,
        "Notes": _NOTES,
    }
)
"""Fields by module, modules in the order of Zoho's tabs."""
