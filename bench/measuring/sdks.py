"""Zoho's own kits for Python, as their samples use them: list pages of 200, updates of 100 or one by one.

``zcrmsdk`` 3.1.0 speaks v2 of the API, ``zohocrmsdk8_0`` v8. Both make an object of every record and look
every field up in the module's metadata, which they fetch first and keep in a folder; that is not timed.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any, Protocol

PAGE = 200
FURTHEST = 2_000
"""Records that pages by number reach; further on Zoho asks for a token, which ``zcrmsdk`` does not know."""

Row = Mapping[str, Any]


class Kit(Protocol):
    """What we ask of a kit."""

    def read(self, module: str, fields: Sequence[str], most: int) -> int:
        """Read up to so many records; how many came."""

    def update(self, rows: Sequence[Row]) -> int:
        """Change up to 100 accounts in one call; how many were."""


class Zcrmsdk:
    """``zcrmsdk``: version 2 of the API, pages by number."""

    def __init__(self, connection: Mapping[str, str], folder: Path) -> None:
        _without_mysql()
        from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken, TokenType
        from zcrmsdk.src.com.zoho.api.authenticator.store import FileStore
        from zcrmsdk.src.com.zoho.api.logger import Logger
        from zcrmsdk.src.com.zoho.crm.api import record
        from zcrmsdk.src.com.zoho.crm.api.dc import DataCenter
        from zcrmsdk.src.com.zoho.crm.api.header_map import HeaderMap
        from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer
        from zcrmsdk.src.com.zoho.crm.api.parameter_map import ParameterMap
        from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
        from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

        self._record, self._headers, self._params = record, HeaderMap, ParameterMap
        with chdir(folder):
            Initializer.initialize(
                user=UserSignature("chen.ming@standin.example"),
                environment=DataCenter.Environment(*_addresses(connection)),
                token=OAuthToken(
                    connection["client_id"],
                    connection["client_secret"],
                    connection["refresh_token"],
                    TokenType.REFRESH,
                ),
                store=FileStore(str(folder / "tokens.csv")),
                sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=True),
                resource_path=str(folder),
                logger=Logger.get_instance(Logger.Levels.ERROR, str(folder / "kit.log")),
            )

    def read(self, module: str, fields: Sequence[str], most: int) -> int:
        most = min(most, FURTHEST)
        seen, page = 0, 0
        while seen < most:
            page += 1
            params = self._params()
            params.add(self._record.GetRecordsParam.page, page)
            params.add(self._record.GetRecordsParam.per_page, PAGE)
            params.add(self._record.GetRecordsParam.fields, ",".join(fields))
            answer = self._record.RecordOperations().get_records(module, params, self._headers())
            if answer.get_object() is None:
                return seen
            seen += len(_data(answer))
            if not answer.get_object().get_info().get_more_records():
                return seen
        return seen

    def update(self, rows: Sequence[Row]) -> int:
        operations = self._record.RecordOperations()
        return _updated(self._record, rows, partial(operations.update_records, "Accounts"))


class Zohocrmsdk8:
    """``zohocrmsdk8_0``: version 8 of the API, pages by token."""

    def __init__(self, connection: Mapping[str, str], folder: Path) -> None:
        from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
        from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
        from zohocrmsdk.src.com.zoho.api.logger import Logger
        from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap, record
        from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
        from zohocrmsdk.src.com.zoho.crm.api.initializer import Initializer
        from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig

        self._record, self._headers, self._params = record, HeaderMap, ParameterMap
        with chdir(folder):
            Initializer.initialize(
                environment=DataCenter.Environment(*_addresses(connection)),
                token=OAuthToken(
                    client_id=connection["client_id"],
                    client_secret=connection["client_secret"],
                    refresh_token=connection["refresh_token"],
                    find_user=False,
                ),
                store=FileStore(str(folder / "tokens.csv")),
                sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=True),
                resource_path=str(folder),
                logger=Logger.get_instance(
                    level=Logger.Levels.ERROR, file_path=str(folder / "kit.log")
                ),
            )

    def read(self, module: str, fields: Sequence[str], most: int) -> int:
        seen, token = 0, None
        while seen < most:
            params = self._params()
            params.add(self._record.GetRecordsParam.per_page, PAGE)
            params.add(self._record.GetRecordsParam.fields, ",".join(fields))
            if token:
                params.add(self._record.GetRecordsParam.page_token, token)
            answer = self._record.RecordOperations(module).get_records(params, self._headers())
            if answer.get_object() is None:
                return seen
            seen += len(_data(answer))
            info = answer.get_object().get_info()
            token = info.get_next_page_token()
            if not info.get_more_records():
                return seen
        return seen

    def update(self, rows: Sequence[Row]) -> int:
        operations = self._record.RecordOperations("Accounts")
        return _updated(self._record, rows, operations.update_records)


KITS: Mapping[str, Callable[[Mapping[str, str], Path], Kit]] = {
    "zcrmsdk": Zcrmsdk,
    "zohocrmsdk8_0": Zohocrmsdk8,
}


def kit(name: str, connection: Mapping[str, str], folder: Path) -> Kit:
    """The kit of that name, signed in.

    Raises:
        ImportError: it is not installed.
    """
    folder.mkdir(exist_ok=True)
    return KITS[name](connection, folder)


def _data(answer: Any) -> Sequence[Any]:  # noqa: ANN401 - the kits have no types
    """The records of an answer.

    Raises:
        RuntimeError: Zoho has refused the call.
    """
    told = answer.get_object()
    if not hasattr(told, "get_data"):
        raise RuntimeError(f"{told.get_code().get_value()}: {told.get_message().get_value()}")
    return told.get_data()  # type: ignore[no-any-return]


def _updated(kit: types.ModuleType, rows: Sequence[Row], send: Callable[..., Any]) -> int:
    """One update call of either kit."""
    records = []
    for row in rows:
        one = kit.Record()
        one.set_id(int(row["id"]))
        for name, value in row.items():
            if name != "id":
                one.add_key_value(name, value)
        records.append(one)
    body = kit.BodyWrapper()
    body.set_data(records)
    body.set_trigger([])
    told = send(body).get_object().get_data()
    return sum(isinstance(one, kit.SuccessResponse) for one in told)


def _addresses(connection: Mapping[str, str]) -> tuple[str, str, str]:
    """Of the API, of the token call, and of uploads."""
    api = connection["api_domain"]
    return api, f"{connection['accounts_url']}/oauth/v2/token", api


def _without_mysql() -> None:
    """``zcrmsdk`` imports MySQL's driver without declaring it; only its unused database store needs it."""
    mysql: Any = types.ModuleType("mysql")
    mysql.connector = types.ModuleType("mysql.connector")
    mysql.connector.Error = Exception
    for name, module in (("mysql", mysql), ("mysql.connector", mysql.connector)):
        sys.modules.setdefault(name, module)
