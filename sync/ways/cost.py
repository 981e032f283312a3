"""What reading a whole module costs in API credits, by each way that the CRM offers, from counts alone.

The prices are those of Zoho's API limits page; how many calls each way takes is how our connector does it.
"""

from __future__ import annotations

from connector.zoho.coql_text import MOST_ROWS as QUERY_PAGE
from connector.zoho.meter import BULK_READ, DELETED, cost_of_coql
from connector.zoho.reading import FIELDS_AT_ONCE, IDS_AT_ONCE

LIST_PAGE = 200
"""Records of one page of a list."""
BULK_ROWS = 200_000
"""Records of one bulk-read job."""
LOOKS = 6
"""How often a job is looked at before it is ready: six of ours take two minutes; Zoho tells no time."""
_SMALL_QUERY = 200
_QUESTION = 1
"""Credits of a call that has no price of its own."""


def _times(whole: int, part: int) -> int:
    return -(-whole // part)


def passes(fields: int) -> int:
    """How often each record is asked for, as Zoho gives 48 fields of ours at a time.

    >>> passes(12), passes(48), passes(49)
    (1, 1, 2)
    """
    return max(1, _times(fields, FIELDS_AT_ONCE))


def by_query(records: int, fields: int = 1) -> int:
    """Credits of reading so many by COQL: pages of 2,000, the last one as short as will do.

    As the records were counted, nobody has to ask whether there are more.

    >>> by_query(210_000), by_query(4_700), by_query(0)
    (315, 8, 1)
    """
    pages, rest = divmod(records, QUERY_PAGE)
    end = cost_of_coql(rest) if rest or not pages else 0
    return passes(fields) * (pages * cost_of_coql(QUERY_PAGE) + end)


def by_list(records: int, fields: int = 1) -> int:
    """Credits of going through the list: pages, a count, and what was deleted meanwhile if there are several.

    Where the fields need several passes, the records of each page are read once more by their ids.

    >>> by_list(200), by_list(2_000)
    (2, 13)
    """
    pages = max(1, _times(records, LIST_PAGE))
    again = passes(fields) * _times(LIST_PAGE, IDS_AT_ONCE) if passes(fields) > 1 else 0
    return pages * (1 + again) + _QUESTION + (DELETED if pages > 1 else 0)


def by_bulk_read(records: int) -> int:
    """Credits of bulk reading: jobs, looks, files, and what was changed or deleted since it was ordered.

    >>> by_bulk_read(100_000), by_bulk_read(210_000)
    (61, 120)
    """
    jobs = max(1, _times(records, BULK_ROWS))
    each = BULK_READ + (LOOKS + 1) * _QUESTION
    fields, changes = _QUESTION, cost_of_coql(_SMALL_QUERY)
    return jobs * each + fields + changes + DELETED * (2 if jobs > 1 else 1)
