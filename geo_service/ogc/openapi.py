"""The description of the door in OpenAPI 3.0, which OGC asks for, from FastAPI's 3.1."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

FORM: Final = {
    "name": "f",
    "in": "query",
    "required": False,
    "description": "form of the answer; what `Accept` asks for when left out",
    "schema": {"type": "string", "enum": ["json", "html", "geojson", "schemajson"]},
}


def as_openapi_30(app: FastAPI, address: str) -> dict[str, Any]:
    """Return the document; what 3.1 says by a `null` type 3.0 says by `nullable`."""
    document = get_openapi(
        title=app.title, version=app.version, summary=None, description=app.summary, routes=app.routes
    )
    for path in document["paths"].values():
        named = path["get"].setdefault("parameters", [])
        if all(one["name"] != "f" for one in named):
            named.append(FORM)
    document["openapi"] = "3.0.3"
    document["servers"] = [{"url": address}]
    told: dict[str, Any] = _told(document)
    return told


def _told(node: Any) -> Any:
    if isinstance(node, list):
        return [_told(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _told(value) for name, value in node.items()}
    choices = plain.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del plain["anyOf"]
        plain = {**plain, **(left[0] if len(left) == 1 else {"anyOf": left}), "nullable": True}
    if "const" in plain and not isinstance(plain["const"], dict):
        plain["enum"] = [plain.pop("const")]
    plain.pop("exemples", None)  # as morecantile writes it; a validator refuses a word that no version has
    if isinstance(plain.get("examples"), list):
        plain["example"] = plain.pop("examples")[0]
    if isinstance(plain.get("prefixItems"), list):
        plain["items"] = {"anyOf": plain.pop("prefixItems")}
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(plain.get(bound), int | float) and not isinstance(plain[bound], bool):
            plain[limit], plain[bound] = plain[bound], True
    return plain
