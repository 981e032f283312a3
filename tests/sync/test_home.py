"""Where the state folder is, for users who have no home of their own as well."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sync.home import Home, HomeUnusable, find_home
from sync.opening import find_policy
from sync.policy import PolicyError
from sync.unexpected import unexpected


@pytest.fixture
def nobodys_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a user number that the system knows nothing about, in a container."""

    def unknown(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", classmethod(unknown))


@pytest.mark.usefixtures("nobodys_home")
def test_a_user_without_a_home_folder_is_told_to_name_one() -> None:
    with pytest.raises(HomeUnusable, match="Set FENLEI_HOME"):
        find_home({})


def test_the_home_of_a_user_who_does_not_exist_is_told_in_words() -> None:
    with pytest.raises(HomeUnusable, match="Set FENLEI_HOME"):
        find_home({"FENLEI_HOME": "~no-such-user-here/state"})


def test_a_defect_is_told_although_no_state_folder_can_be_found() -> None:
    said = unexpected(ValueError(), {"FENLEI_HOME": "~no-such-user-here/state"})
    assert "FENLEI_DEBUG=1" in said.advice


def test_the_command_that_closes_a_folder_can_be_pasted_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "状态 folder"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(HomeUnusable) as caught:
        Home(folder).prepare()
    assert shlex.split(str(caught.value).split("Run: ")[1]) == ["chmod", "700", str(folder)]


def test_a_policy_link_that_leads_nowhere_is_not_taken_for_no_policy(tmp_path: Path) -> None:
    """The disk that it leads to is not mounted: with the shipped policy every customer would be moved."""
    home = Home(tmp_path)
    home.policy.symlink_to(tmp_path / "not mounted" / "policy.toml")
    with pytest.raises(PolicyError, match="cannot be read"):
        find_policy({}, home)
