"""Whatever a day brings at a Zoho that behaves as its documents suggest, every promise holds."""

from __future__ import annotations

from hypothesis import settings
from sales_office import SalesOffice

from connector.standin.switches import Switches


class UsualZoho(SalesOffice):
    switches = Switches()


TestAnyDay = UsualZoho.TestCase
TestAnyDay.settings = settings(max_examples=150, stateful_step_count=40)
