"""A program around Zoho's own SDK: lists a thousand accounts, updates a hundred, creates ten tasks.

Usage: sdk_program.py CONNECTION_JSON, in a working directory of its own, because the SDK writes its
token file, its metadata and a log there. Prints what it saw as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

# zcrmsdk imports MySQL's driver without declaring it; only its unused database store needs it
_mysql: Any = types.ModuleType("mysql")
_mysql.connector = types.ModuleType("mysql.connector")
_mysql.connector.Error = Exception
sys.modules |= {"mysql": _mysql, "mysql.connector": _mysql.connector}

from zcrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken, TokenType  # noqa: E402
from zcrmsdk.src.com.zoho.api.authenticator.store import FileStore  # noqa: E402
from zcrmsdk.src.com.zoho.api.logger import Logger  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.dc import DataCenter  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.header_map import HeaderMap  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.initializer import Initializer  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.parameter_map import ParameterMap  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.record import (  # noqa: E402
    BodyWrapper,
    Field,
    GetRecordsParam,
    Record,
    RecordOperations,
    SuccessResponse,
)
from zcrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.user_signature import UserSignature  # noqa: E402
from zcrmsdk.src.com.zoho.crm.api.util import Choice  # noqa: E402

PAGES, UPDATES, TASKS = 5, 100, 10


def connect(connection: dict[str, str]) -> None:
    """Point the SDK at the stand-in."""
    here = Path.cwd()
    Initializer.initialize(
        user=UserSignature("chen.ming@standin.example"),
        environment=DataCenter.Environment(
            connection["api_domain"],
            f"{connection['accounts_url']}/oauth/v2/token",
            connection["api_domain"],
        ),
        token=OAuthToken(
            connection["client_id"],
            connection["client_secret"],
            connection["refresh_token"],
            TokenType.REFRESH,
        ),
        store=FileStore(str(here / "tokens.csv")),
        sdk_config=SDKConfig(auto_refresh_fields=False, pick_list_validation=True),
        resource_path=str(here),
        logger=Logger.get_instance(Logger.Levels.INFO, str(here / "sdk.log")),
    )


def list_accounts() -> list[Record]:
    """Read five pages of 200 accounts."""
    found: list[Record] = []
    for page in range(1, PAGES + 1):
        params = ParameterMap()
        params.add(GetRecordsParam.page, page)
        params.add(GetRecordsParam.per_page, 200)
        answer = RecordOperations().get_records("Accounts", params, HeaderMap())
        found += answer.get_object().get_data()
    return found


def _write(operation: Any, module: str, records: list[Record]) -> list[str]:
    body = BodyWrapper()
    body.set_data(records)
    body.set_trigger([])
    answer = operation(module, body).get_object()
    rows = answer.get_data()
    assert all(isinstance(row, SuccessResponse) for row in rows)
    return [str(row.get_details()["id"]) for row in rows]


def update(accounts: list[Record]) -> list[str]:
    """Give accounts a new industry and telephone number."""
    changed = []
    for account in accounts:
        record = Record()
        record.set_id(account.get_id())
        record.add_field_value(Field.Accounts.phone(), "021-5555")
        record.add_field_value(Field.Accounts.industry(), Choice("Service Provider"))
        changed.append(record)
    return _write(RecordOperations().update_records, "Accounts", changed)


def create_tasks(accounts: list[Record]) -> list[str]:
    """Open a follow-up task for each of these accounts."""
    tasks = []
    for account in accounts:
        related = Record()
        related.set_id(account.get_id())
        task = Record()
        task.add_field_value(Field.Tasks.subject(), f"拜访 {account.get_key_value('Account_Name')}")
        task.add_field_value(Field.Tasks.what_id(), related)
        task.add_key_value("$se_module", "Accounts")
        tasks.append(task)
    return _write(RecordOperations().create_records, "Tasks", tasks)


def main() -> None:
    """Do all three and say what came back."""
    connect(json.loads(sys.argv[1]))
    accounts = list_accounts()
    seen = {str(a.get_id()): a.get_key_value("Account_Name") for a in accounts}
    updated = update(accounts[:UPDATES])
    created = create_tasks(accounts[:TASKS])
    print(json.dumps({"seen": seen, "updated": updated, "created": created}))  # noqa: T201


if __name__ == "__main__":
    main()
