"""Which right of the consent a call needs, so that a missing one can be named.

Zoho itself only says that one is missing. Names as in Zoho's v8 docs (scopes) and in our README.
"""

from __future__ import annotations

_OPERATIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE"}


def scope_of(route: str) -> str:
    """Return the scope that a route needs, in words where it depends on what is asked.

    >>> scope_of("POST /Tasks"), scope_of("GET /settings/fields")
    ('ZohoCRM.modules.tasks.CREATE', 'ZohoCRM.settings.fields.READ')
    """
    method, _, path = route.partition(" ")
    operation = _OPERATIONS.get(method, "ALL")
    match path.strip("/").split("/"):
        case ["coql"]:
            return "ZohoCRM.coql.READ and the READ scope of the module that is asked about"
        case ["bulk", "read", *_]:
            return "ZohoCRM.bulk.READ and the READ scope of the module that is read"
        case ["bulk", "write", *_]:
            return "ZohoCRM.bulk.CREATE, ZohoCRM.bulk.READ and the UPDATE scope of the module"
        case ["upload"]:
            return "ZohoFiles.files.ALL"
        case ["org", "currencies"]:
            return "ZohoCRM.settings.currencies.READ"
        case ["org" | "users" as area, *_]:
            return f"ZohoCRM.{area}.{operation}"
        case ["settings", area, *_]:
            return f"ZohoCRM.settings.{area}.{operation}"
        case [module, "actions", "add_tags" | "remove_tags"]:
            return f"ZohoCRM.modules.{module.lower()}.UPDATE"
        case [module, *_]:
            return f"ZohoCRM.modules.{module.lower()}.{operation}"
    return "another scope"
