"""Whatever another day brings at a Zoho that behaves in the least convenient way, every promise holds."""

from __future__ import annotations

import hypothesis
from sales_office import AS_DRAWN, OddZoho


@hypothesis.seed(2)
class AnotherOddDay(OddZoho):
    """Draws other days than its twin, so that two workers share them."""


TestAnyOtherOddDay = AnotherOddDay.TestCase
TestAnyOtherOddDay.settings = AS_DRAWN
