"""Whatever another day brings at a Zoho that behaves as its documents suggest, every promise holds."""

from __future__ import annotations

import hypothesis
from lively_office import AS_DRAWN, UsualZoho


@hypothesis.seed(2)
class AnotherDay(UsualZoho):
    """Draws other days than its twin, so that two workers share them."""


TestAnyOtherDay = AnotherDay.TestCase
TestAnyOtherDay.settings = AS_DRAWN
