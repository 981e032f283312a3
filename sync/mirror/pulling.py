"""One pull of one module: pages are laid aside as they come and taken over all at once, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connector.model import Deletion, Record
from sync.mirror.columns import INSTANT, TEXT, literal, quoted, typed
from sync.mirror.kept import Kept, forget_kept, keep_rows
from sync.mirror.laid_aside import LaidAside

if TYPE_CHECKING:
    from sync.mirror.store import Mirror

_LONGEST_SAMPLE = 60
_TABLES = ("staged", "deletions", "fresh", "leaving")


@dataclass(frozen=True, slots=True)
class PullCount:
    """What a pull changes in the local copy, in records.

    Args:
        read: distinct records that came.
        new: of these, records that we did not hold.
        changed: of these, records in which any value differs from ours.
        gone: visible records that disappear: deleted in the CRM or, after a full pull, not come.
        unseen: of these, records that nobody deleted; they are kept out of sight.
    """

    read: int
    new: int
    changed: int
    gone: int
    unseen: int = 0


class Pulling:
    """Collects the pages of one module. Made by :meth:`sync.mirror.store.Mirror.pulling`.

    Pages go to a file, so memory does not grow with the CRM; until ``commit`` the local copy
    stays as it was.
    """

    def __init__(
        self, mirror: Mirror, module: str, pages: LaidAside, until_the_end: ExitStack
    ) -> None:
        self._mirror = mirror
        self._until_the_end = until_the_end
        self._module = module
        self._table = f"crm.{quoted(module)}"
        self._pages = pages
        self._deletions: dict[str, datetime] = {}
        self._last: tuple[bool, PullCount] | None = None
        self._to_note = False
        self._goes_on = False

    def stage(self, records: Sequence[Record]) -> None:
        """Lay one page of records aside."""
        self._last = None
        self._pages.add(records)

    def go_on(self) -> int:
        """Count what an earlier reading kept among what is laid aside.

        Returns:
            How many rows that is.
        """
        self._last = None
        self._goes_on = True
        return int(self._mirror.rows(f"SELECT count(*) FROM kept.{quoted(self._module)}")[0][0])

    def keep(self, kept: Kept) -> None:
        """Leave what was laid aside for the next reading instead of taking it over."""
        if self._pages.rows:
            staged = self._pages.query(self._mirror.columns(self._module))
            keep_rows(self._mirror, self._module, staged, kept)

    def gone(self, deletions: Sequence[Deletion]) -> None:
        """Lay one page of the deleted feed aside."""
        self._last = None
        for deletion in deletions:
            known = self._deletions.get(deletion.id)
            if known is None or deletion.deleted_at > known:
                self._deletions[deletion.id] = deletion.deleted_at

    def preview(self, *, full: bool | None = None) -> PullCount:
        """What ``commit`` would change, so that a mass disappearance can be stopped before it.

        Without ``full`` the pull counts as full where the module has no watermark.
        """
        if full is None:
            full = self._mirror.watermark(self._module) is None
        return self._weighed(full=full)

    def commit(
        self, watermark: datetime, deletions_watermark: datetime, *, full: bool
    ) -> PullCount:
        """Take everything over and move both watermarks, in one transaction.

        The newest version of a record wins. A record that changed after its deletion was restored
        and stays. With ``full``, records that did not come are no longer visible to us (a sharing
        rule may hide them): they are kept and marked, and classification leaves them out.
        """
        count = self._weighed(full=full)
        if self._idle(full=full):
            self._mirror.move_watermarks(self._module, watermark, deletions_watermark)
            return count
        with self._mirror.transaction():
            self._take_over(count, full=full)
            if self._goes_on:
                forget_kept(self._mirror, self._module)
            self._mirror.move_watermarks(self._module, watermark, deletions_watermark)
        self._last = None
        self._mirror.run("; ".join(f"DROP TABLE IF EXISTS temp.{table}" for table in _TABLES))
        return count

    def standing(self, *, full: bool = True) -> int:
        """How many records were laid aside and not deleted since, each counted once.

        Of changes (not ``full``) those are left out of which we hold a newer version.
        """
        self._weighed(full=full)
        return int(self._mirror.rows("SELECT count(*) FROM staged")[0][0])

    def _idle(self, *, full: bool) -> bool:
        """Whether nothing came, so that there is nothing to weigh or to take over."""
        return not (full or self._pages.rows or self._deletions or self._goes_on)

    def _weighed(self, *, full: bool) -> PullCount:
        """Load what was laid aside and count what it changes, once unless more was laid aside since.

        It is loaded into temporary tables, so the local copy stays open from here to the end.
        """
        if self._idle(full=full):
            return PullCount(read=0, new=0, changed=0, gone=0)
        if self._last is None or self._last[0] != full:
            self._until_the_end.enter_context(self._mirror)
            columns = self._mirror.columns(self._module)
            read = self._load_pages(columns)
            self._settle(columns, full=full)
            self._last = full, self._counted(columns, read, full=full)
        return self._last[1]

    def _load_pages(self, columns: Mapping[str, str]) -> int:
        """Load the newest version of each record, typed and, where the type may refuse it, as given too."""
        filled = self._filled(columns)
        values = "".join(
            f", {typed(quoted(name), kind) if name in filled else f'CAST(NULL AS {kind})'} AS {quoted(name)}"
            for name, kind in columns.items()
        )
        given = "".join(f", {quoted(name)} AS {_given(name)}" for name in self._weighable(columns))
        self._mirror.run(
            f"""CREATE OR REPLACE TEMP TABLE staged AS
            SELECT _id AS id, _at AS _modified_at, FALSE AS _unseen, _place{values}{given}
            FROM ({self._laid_aside(columns)})"""
        )
        rows, distinct = self._pages.sizes if not self._goes_on else (0, None)
        if distinct is None:
            [(rows, distinct)] = self._mirror.rows(
                "SELECT count(*), count(DISTINCT id) FROM staged"
            )
        if distinct < rows:
            self._mirror.run(
                """DELETE FROM staged WHERE rowid IN (SELECT rowid FROM staged QUALIFY row_number()
                OVER (PARTITION BY id ORDER BY _modified_at DESC, _place DESC) > 1)"""
            )
        return int(distinct)

    def _filled(self, columns: Collection[str]) -> Collection[str]:
        """The columns in which anything may have come."""
        return columns if self._goes_on else self._pages.filled

    def _weighable(self, columns: Mapping[str, str]) -> list[str]:
        """The columns in which a value may have come that their type refuses."""
        filled = self._filled(columns)
        return [name for name, kind in columns.items() if kind != TEXT and name in filled]

    def _laid_aside(self, columns: Collection[str]) -> str:
        """A query for all rows of this reading; those that were kept came before."""
        staged = self._pages.query(columns)
        if not self._goes_on:
            return staged
        return f"""{staged} UNION ALL BY NAME
            SELECT * REPLACE (0 AS _place) FROM kept.{quoted(self._module)}"""

    def _settle_deletions(self) -> None:
        """Decide which staged rows were deleted since, and which rows that we hold leave us."""
        self._mirror.run(
            f"""CREATE OR REPLACE TEMP TABLE deletions AS
            SELECT unnest(?) AS id, unnest(CAST(? AS {INSTANT}[])) AS deleted_at""",
            [list(self._deletions), list(self._deletions.values())],
        )
        self._mirror.run(
            """DELETE FROM staged USING deletions d
            WHERE d.id = staged.id AND staged._modified_at <= d.deleted_at"""
        )
        self._mirror.run(
            f"""CREATE OR REPLACE TEMP TABLE leaving AS
            SELECT held.id, NOT held._unseen AS seen
            FROM {self._table} held JOIN deletions d ON d.id = held.id
            WHERE held._modified_at <= d.deleted_at AND held.id NOT IN (SELECT id FROM staged)"""
        )

    def _settle(self, columns: Mapping[str, str], *, full: bool) -> None:
        """Decide which staged rows count: those not deleted since, and not older than what we hold."""
        if self._deletions:
            self._settle_deletions()
        if not full:  # an answer that lags behind must not turn a record back
            self._mirror.run(
                f"""DELETE FROM staged USING {self._table} held
                WHERE held.id = staged.id AND held._modified_at > staged._modified_at"""
            )
        same = " AND ".join(
            f"held.{name} IS NOT DISTINCT FROM staged.{name}"
            for name in ["_modified_at", "_unseen", *map(quoted, columns)]
        )
        self._mirror.run(
            f"""CREATE OR REPLACE TEMP TABLE fresh AS
            SELECT {_names(columns)} FROM staged
            ANTI JOIN {self._table} held ON held.id = staged.id AND {same}"""
        )

    def _among(self, *tables: str) -> str:
        """A query for the ids in these tables, and in that of those who leave, where there is one."""
        named = [*tables, "leaving"] if self._deletions else tables
        return " UNION ALL ".join(f"SELECT id FROM {table}" for table in named)

    def _counted(self, columns: Mapping[str, str], read: int, *, full: bool) -> PullCount:
        absent = f"""(SELECT count(*) FROM {self._table} WHERE NOT _unseen
            AND id NOT IN ({self._among("staged")}))"""
        leaving = "(SELECT count(*) FROM leaving WHERE seen)" if self._deletions else "0"
        refused = " OR ".join(map(_refused, self._weighable(columns)))
        [(fresh, changed, deleted, unseen, to_note)] = self._mirror.rows(
            f"""SELECT (SELECT count(*) FROM fresh),
            (SELECT count(*) FROM fresh JOIN {self._table} USING (id)),
            {leaving}, {absent if full else 0},
            EXISTS (FROM staged WHERE {refused or "FALSE"})
            OR EXISTS (FROM state.unreadable WHERE module = {literal(self._module)})"""
        )
        self._to_note = bool(to_note)
        return PullCount(
            read=read, new=fresh - changed, changed=changed, gone=deleted + unseen, unseen=unseen
        )

    def _take_over(self, count: PullCount, *, full: bool) -> None:
        """Take over what came; many readings bring nothing new, and most leave nobody out."""
        run, table = self._mirror.run, self._table
        columns = self._mirror.columns(self._module)
        names = _names(columns)
        if count.changed or self._deletions:
            run(f"DELETE FROM {table} WHERE id IN ({self._among('fresh')})")
        if count.changed or count.new:
            run(f"INSERT INTO {table} ({names}) SELECT {names} FROM fresh")
        if full and count.unseen:
            run(
                f"""UPDATE {table} SET _unseen = TRUE
                WHERE NOT _unseen AND id NOT IN (SELECT id FROM staged)"""
            )
        if self._to_note:
            self._note_unreadable(columns)

    def _note_unreadable(self, columns: Mapping[str, str]) -> None:
        """Remember the values that a column's type could not take, so that they can be reported."""
        self._mirror.run(
            f"""DELETE FROM state.unreadable WHERE module = ?
            AND id IN ({self._among("staged")})""",
            [self._module],
        )
        module = literal(self._module)
        refused = [
            f"""SELECT {module}, id, {literal(name)}, left({_given(name)}, {_LONGEST_SAMPLE})
            FROM staged WHERE {_refused(name)}"""
            for name in self._weighable(columns)
        ]
        if refused:
            self._mirror.run(f"INSERT INTO state.unreadable {' UNION ALL '.join(refused)}")


def _given(name: str) -> str:
    """Where a staged value stands as it came; no field's API name has a space in it."""
    return quoted(f"{name} as given")


def _refused(name: str) -> str:
    """The SQL that is true of a staged value that its column's type could not take."""
    return f"{_given(name)} <> '' AND {quoted(name)} IS NULL"


def _names(columns: Mapping[str, str]) -> str:
    return ", ".join(["id", "_modified_at", "_unseen", *(quoted(name) for name in columns)])
