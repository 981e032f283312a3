"""The choices that the picklists of a new Zoho CRM organisation offer, and the steps of its sales process.

Zoho's defaults as far as they are documented; each organisation changes them, so nothing but the
stand-in may rely on them. What a deal stage means for forecasts is Zoho's ``forecast_type``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the sales process: its probability in percent and how forecasts count it."""

    name: str
    probability: int
    forecast: str
    category: str


def _choices(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


NONE = "-None-"
"""What Zoho shows as the first choice of an optional picklist that has no value."""

STAGES = (
    Stage("Qualification", 10, "Open", "Pipeline"),
    Stage("Needs Analysis", 20, "Open", "Pipeline"),
    Stage("Value Proposition", 40, "Open", "Pipeline"),
    Stage("Identify Decision Makers", 60, "Open", "Pipeline"),
    Stage("Proposal/Price Quote", 75, "Open", "Best Case"),
    Stage("Negotiation/Review", 90, "Open", "Committed"),
    Stage("Closed Won", 100, "Closed Won", "Closed"),
    Stage("Closed Lost", 0, "Closed Lost", "Omitted"),
    Stage("Closed Lost to Competition", 0, "Closed Lost", "Omitted"),
)

SOURCES = _choices(
    "-None-|Advertisement|Cold Call|Employee Referral|External Referral|Online Store|"
    "Partner|Public Relations|Sales Email Alias|Seminar Partner|Internal Seminar|"
    "Trade Show|Web Download|Web Research|Chat"
)
INDUSTRIES = _choices(
    "-None-|ASP (Application Service Provider)|Data/Telecom OEM|"
    "ERP (Enterprise Resource Planning)|Government/Military|Large Enterprise|"
    "ManagementISV|MSP (Management Service Provider)|Network Equipment Enterprise|"
    "Non-management ISV|Optical Networking|Service Provider|Small/Medium Enterprise|"
    "Storage Equipment|Storage Service Provider|Systems Integrator|Wireless Industry|ERP|"
    "Management ISV"
)
CURRENCIES = _choices("USD|EUR|GBP|CNY|HKD|TWD|JPY|SGD|INR|AUD|CAD|CHF")
PRIORITIES = _choices("High|Highest|Low|Lowest|Normal")
ACCOUNT_TYPES = _choices(
    "-None-|Analyst|Competitor|Customer|Distributor|Integrator|Investor|Other|Partner|"
    "Press|Prospect|Reseller|Supplier|Vendor"
)
RATINGS = _choices("-None-|Acquired|Active|Market Failed|Project Cancelled|Shut Down")
OWNERSHIPS = _choices(
    "-None-|Other|Private|Public|Subsidiary|Partnership|Government|Privately Held|Public Company"
)
SALUTATIONS = _choices("-None-|Mr.|Mrs.|Ms.|Dr.|Prof.")
DEAL_TYPES = _choices("-None-|Existing Business|New Business")
LOSS_REASONS = _choices(
    "-None-|Expectation Mismatch|Price|Unqualified Customer|Lack of response|"
    "Missed Follow Ups|Wrong Target|Competition|Future Interest|Other"
)
PIPELINES = _choices("Standard (Standard)")
LEAD_STATUSES = _choices(
    "-None-|Attempted to Contact|Contact in Future|Contacted|Junk Lead|Lost Lead|"
    "Not Contacted|Pre-Qualified|Not Qualified"
)
TASK_STATUSES = _choices("Not Started|Deferred|In Progress|Completed|Waiting for input")
CALL_TYPES = _choices("Outbound|Inbound|Missed")
CASE_STATUSES = _choices("-None-|New|On Hold|Escalated|Closed")
CASE_PRIORITIES = _choices("-None-|High|Medium|Low")
CASE_ORIGINS = _choices("-None-|Email|Phone|Web")
CASE_TYPES = _choices("-None-|Problem|Feature Request|Question")
PRODUCT_CATEGORIES = _choices("-None-|Hardware|Software|CRM Applications")
