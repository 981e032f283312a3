"""One method on one case, in a process of its own: reads the files, forecasts, writes what it found.

``child.py KEY ACCOUNTS DEALS CUT HORIZON OUT`` writes ``OUT.npz`` (account ids, score, probability
and value where there are any) and ``OUT.json`` (seconds without reading and imports; the note; or why
it could not).
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from rivals.methods import BY_KEY, OURS
from rivals.records import read
from rivals.simple import Answer
from rivals.snapshot import TooLittlePast, snapshot

ROUNDS = 3
ENOUGH_SECONDS = 5.0


def main() -> None:
    """Run the method that the command line names."""
    key, accounts, deals, cut, horizon, out = sys.argv[1:]
    warnings.simplefilter("ignore")  # the libraries' own; a failure is reported below
    given = (Path(accounts), Path(deals), int(cut), int(horizon))
    target = Path(out)
    try:
        columns, told = of_ours(*given) if key == OURS else of_a_rival(key, *given)
    except TooLittlePast as exc:
        told = {"failed": str(exc)}
    except ImportError as exc:
        told = {"failed": f"not installed ({exc.name})", "absent": True}
    except Exception as exc:  # noqa: BLE001 -- one method's failure is a line of the table
        told = {"failed": " ".join(f"{type(exc).__name__}: {exc}".split())[:200]}
    else:
        np.savez(target.with_suffix(".npz"), **columns)
    target.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")


def of_a_rival(
    key: str, accounts: Path, deals: Path, cut: int, horizon: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The forecast of one of the others, and what it took."""
    method, records = BY_KEY[key], read(accounts, deals)
    if method.library:
        import_module(method.library)
    answer, seconds = timed(lambda: method.answer(records, cut, horizon))
    assert isinstance(answer, Answer)
    found = {"score": answer.score, "probability": answer.probability, "value": answer.value}
    columns = {name: values for name, values in found.items() if values is not None}
    ids = np.array(records.ids)[snapshot(records, cut).who]
    return {"id": ids, **columns}, {"seconds": seconds, "note": answer.note}


def of_ours(
    accounts: Path, deals: Path, cut: int, horizon: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Our forecast without the command around it, and what it took."""
    from rivals.ours import prepared

    found, seconds = timed(prepared(accounts, deals, cut, horizon))
    away = np.ma.getdata(found["churn_probability"])
    known = ~np.ma.getmaskarray(found["churn_probability"]) & ~np.isnan(away)
    value = np.ma.getdata(found["value_score"])[known]
    ids = np.asarray(found["account_id"], dtype=str)[known]
    columns = {"id": ids, "score": away[known], "probability": away[known], "value": value}
    return columns, {"seconds": seconds}


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What ``run`` gives and its least seconds of three; what takes long is run only once."""
    seconds: list[float] = []
    while len(seconds) < ROUNDS and sum(seconds) < ENOUGH_SECONDS:
        started = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - started)
    return found, min(seconds)


if __name__ == "__main__":
    main()
