"""How well fenlei tells who stays away, beside the methods that others use for it.

Run it from a checkout; the other methods' libraries are the extra ``bench``::

    python bench/churn.py                                   # CDNOW, cut 1997-12-31, 182 days
    python bench/churn.py --data FOLDER --cut 2011-06-09    # accounts.csv and deals.csv in FOLDER
    python bench/churn.py --case cdnow:1997-12-31:91 --case FOLDER:2011-06-09:182
    python bench/churn.py --synthetic no_pattern --synthetic seasonal
    python bench/churn.py --walk                            # many cut-offs and horizons instead

Every method runs in a process of its own on files that end with the cut-off, so none can see what
came after; ours is ``fenlei classify`` on the same files. Those that learn from examples learn from
earlier days whose outcome was known by the cut-off. A method whose library is absent is skipped, and
the output says so. Differences in AUC come with 95 % intervals: read a tie as a tie.

``s / 10k`` are seconds to fit and score 10,000 accounts from records in memory, the best of up to
three runs (one run where that takes over five seconds); ``whole s``, ``CPU s`` (all cores together)
and ``peak MB`` are those of the whole process, start and imports included.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path[:0] = [str(BENCH), str(BENCH.parent)]

from rivals import cases  # noqa: E402
from rivals.cases import Case  # noqa: E402
from rivals.made_up import KINDS  # noqa: E402
from rivals.methods import BY_KEY  # noqa: E402
from rivals.running import Judged, judged  # noqa: E402
from rivals.table import as_json, case_table, walk_table  # noqa: E402

FALLBACK = "bgnbd"
SLOW = frozenset({"pymc"})
"""Not part of a walk unless asked for: it starts for ten seconds and is the same model as bgnbd."""

INTERPRETER = "the interpreter that has the other methods' libraries, for all or for one method"


def main() -> None:
    """Print the tables."""
    options = parsed(sys.argv[1:])
    pythons = interpreters(options.python)
    chosen = asked_for(options, pythons)
    keys = options.methods or [key for key in BY_KEY if not (options.walk and key in SLOW)]
    found = []
    for case in chosen:
        if options.walk:
            walked = [run(step, keys, pythons, alone=False) for step in cases.walk(case)]
            print(f"## {case.name}\n\n{walk_table(walked)}\n", flush=True)
            found += walked
        else:
            found.append(run(case, keys, pythons))
            print(f"{case_table(found[-1])}\n", flush=True)
    if options.json:
        text = json.dumps([as_json(each) for each in found], indent=1)
        options.json.write_text(f"{text}\n", encoding="utf-8")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, help="a folder with accounts.csv and deals.csv")
    add("--cut", type=date.fromisoformat, help="the last day known, with --data")
    add("--horizon-days", type=int, default=182)
    add("--case", action="append", default=[], metavar="FOLDER|cdnow:CUT:DAYS")
    add("--synthetic", action="append", default=[], choices=KINDS, help="a made-up set")
    add("--seed", type=int, default=1, help="of the made-up sets")
    add("--size", type=int, default=6000, help="accounts of a made-up set")
    add("--walk", action="store_true", help="many cut-offs and horizons of each set")
    add("--methods", type=methods, help=f"some of {','.join(BY_KEY)}")
    add("--python", action="append", default=[], metavar="[METHOD=]PATH", help=INTERPRETER)
    add("--json", type=Path, metavar="FILE", help="write everything measured there")
    options = parser.parse_args(arguments)
    if (options.data is None) != (options.cut is None):
        parser.error("--data and --cut belong together")
    return options


def methods(text: str) -> list[str]:
    """The methods that ``--methods`` names."""
    keys = text.split(",")
    if unknown := set(keys) - set(BY_KEY):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not a method")
    return keys


def interpreters(given: Sequence[str]) -> dict[str, str]:
    """The interpreter of each method; of those not named under ""."""
    named = [text.split("=", 1) if "=" in text else ["", text] for text in given]
    return {"": sys.executable, **dict(named)}


def asked_for(options: argparse.Namespace, pythons: dict[str, str]) -> list[Case]:
    """The cases that the command line names; CDNOW where it names none."""
    chosen = [named(text, pythons[""]) for text in options.case]
    if options.data:
        chosen.append(cases.from_folder(options.data, options.cut, options.horizon_days))
    chosen += [made_up(kind, options) for kind in options.synthetic]
    if chosen:
        return chosen
    panel = cases.cdnow(pythons[""], options.horizon_days)
    if panel is not None:
        return [panel]
    print(
        "CDNOW comes with the package lifetimes, which is not installed: a made-up set instead.\n"
    )
    return [made_up(FALLBACK, options)]


def named(text: str, python: str) -> Case:
    """The case that ``FOLDER:CUT:DAYS`` names."""
    try:
        where, cut, days = text.rsplit(":", 2)
        day, horizon = date.fromisoformat(cut), int(days)
    except ValueError:
        raise SystemExit(f"{text} is not a case; write FOLDER:YYYY-MM-DD:DAYS") from None
    if where != "cdnow":
        return cases.from_folder(Path(where), day, horizon)
    panel = cases.cdnow(python, horizon)
    if panel is None:
        raise SystemExit("CDNOW comes with the package lifetimes; install it, or name a folder.")
    return cases.cut_at(panel, day)


def made_up(kind: str, options: argparse.Namespace) -> Case:
    """A made-up set of the asked size."""
    return cases.synthetic(kind, options.horizon_days, size=options.size, seed=options.seed)


def run(case: Case, keys: Sequence[str], pythons: dict[str, str], *, alone: bool = True) -> Judged:
    """The case with every method's row; progress goes to a terminal only."""

    def tell(key: str) -> None:
        if sys.stderr.isatty():
            print(f"{case.title}: {key} …", file=sys.stderr)

    return judged(case, keys, pythons, tell, alone=alone)


if __name__ == "__main__":
    main()
