"""What is installed with fenlei is pinned by hash, is little, and is listed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from sbom_is_complete import missing, normal, pinned

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-test.lock",
    "requirements-oldest.lock",
    "requirements-bench.lock",
    "requirements-spark.lock",
)

DRAGGED_IN = {
    "certifi": "requests",
    "charset-normalizer": "requests",
    "idna": "requests",
    "urllib3": "requests",
    "markdown-it-py": "rich",
    "mdurl": "markdown-it-py",
    "pygments": "rich",
    "python-dateutil": "zcrmsdk",
}
"""What we did not ask for, and who did."""


def lock(name: str = LOCKS[0]) -> str:
    return (ROOT / name).read_text("utf-8")


def asked_for() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {normal(re.split(r"[<>=!~ \[;]", line)[0]) for line in project["dependencies"]}


@pytest.mark.parametrize("name", LOCKS)
def test_every_distribution_is_pinned_by_hash_and_none_by_address(name: str) -> None:
    entries = re.sub(r"\\\n\s*", "", lock(name)).splitlines()
    assert entries
    for entry in entries:
        pin = r"[a-z0-9._-]+==\S+( ; [^#]+?)?( *--hash=sha256:[0-9a-f]{64})+"
        assert re.fullmatch(pin, entry), entry[:80]
    assert "://" not in lock(name)
    assert not re.search(
        r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)", lock(name), re.MULTILINE
    )


def test_the_oldest_set_is_what_the_project_says_is_old_enough() -> None:
    """``make test-oldest`` would else try something newer than what it vouches for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = dict(
        re.findall(r"^([a-z0-9._-]+)==([0-9.]+)", lock("requirements-oldest.lock"), re.MULTILINE)
    )
    for asked in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        name, bound = re.fullmatch(r"([A-Za-z0-9._-]+)[>=]=([0-9.]+)", asked).groups()  # type: ignore[union-attr]
        assert f"{pins[normal(name)]}.".startswith(f"{bound}."), asked


def test_what_is_installed_is_what_we_asked_for_and_what_that_needs() -> None:
    """Eighteen distributions: ten of our choice, eight that they bring along."""
    assert set(pinned(lock())) == asked_for() | set(DRAGGED_IN)
    assert (len(asked_for()), len(DRAGGED_IN)) == (10, 8)
    for name, user in DRAGGED_IN.items():
        needed = {
            normal(re.split(r"[^A-Za-z0-9._-]", r)[0]) for r in distribution(user).requires or []
        }
        assert name in needed, f"{user} no longer needs {name}"


def test_both_locks_pin_the_same_versions() -> None:
    tests = pinned(lock(LOCKS[1]))
    assert {name: tests[name] for name in pinned(lock())} == pinned(lock())


@pytest.mark.fault("K10")
def test_a_distribution_whose_hash_is_another_is_not_installed(tmp_path: Path) -> None:
    """pip itself, on a wheel that lies beside its lock: no index is asked."""
    wheel = tmp_path / "canary-1.0-py3-none-any.whl"
    subprocess.run(
        [sys.executable, "-c", WHEEL, str(wheel)], check=True, capture_output=True, text=True
    )
    good = subprocess.run(
        [sys.executable, "-m", "pip", "hash", str(wheel)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("sha256:")[1][:64]
    changed = good.replace(good[0], "0" if good[0] != "0" else "1", 1)
    for digest, installed in ((good, True), (changed, False)):
        (tmp_path / "one.lock").write_text(f"canary==1.0 --hash=sha256:{digest}\n", "utf-8")
        options = ("--require-hashes", "--no-index", "--dry-run", "--ignore-installed")
        place = ("--find-links", str(tmp_path), "-r", str(tmp_path / "one.lock"))
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, *place],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == installed, done.stderr
        assert ("DO NOT MATCH THE HASHES" in done.stderr) == (not installed)


WHEEL = """
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("canary.py", "")
    about = "canary-1.0.dist-info/"
    wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\\nName: canary\\nVersion: 1.0\\n")
    kind = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    wheel.writestr(about + "WHEEL", kind)
    wheel.writestr(about + "RECORD", "")
"""


@pytest.mark.fault("K10")
def test_commands_install_by_hash_only() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = [line for line in makefile.splitlines() if "pip install" in line and " -r " in line]
    assert len(installs) == 6
    assert all("--require-hashes" in line for line in installs)
    assert "--strict" in makefile, (
        "an audit that could not ask must not look like one that found nothing"
    )


def test_a_bill_of_materials_that_leaves_something_out_is_told() -> None:
    parts = [{"name": name, "version": version} for name, version in pinned(lock()).items()]
    assert missing(lock(), {"components": parts}) == []
    gone = parts.pop()
    assert missing(lock(), {"components": parts}) == [f"{gone['name']}=={gone['version']}"]
    assert len(missing(lock(), {})) == len(parts) + 1
