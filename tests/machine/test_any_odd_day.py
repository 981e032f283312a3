"""Whatever a day brings at a Zoho that behaves in the least convenient way, every promise holds."""

from __future__ import annotations

from hypothesis import settings
from sales_office import SalesOffice

from connector.standin.switches import Switches


class OddZoho(SalesOffice):
    switches = Switches(
        stale_refuses="batch",
        unique_on_tasks=False,
        list_lag_seconds=45.0,
        coql_lag_seconds=60.0,
        trims_text=True,
        modified_since_inclusive=True,
        page_token="offset",
        token_throttle_status=200,
    )


TestAnyOddDay = OddZoho.TestCase
TestAnyOddDay.settings = settings(max_examples=150, stateful_step_count=40)
