"""Answers of the door: JSON for programs, a page for people, in the language and the form that were asked for."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2
from fastapi import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from geo_service.exchange.dictionary import PUBLISHED
from geo_service.messages import LANGUAGES, catalogue, preferred_language, words
from geo_service.ogc.refusals import ParameterInvalid

GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
JSON: Final = "application/json"
HTML: Final = "text/html"
THOUSANDS_FROM: Final = 10_000
LANGUAGE_COOKIE: Final = "language"
FORMS: Final = {"json": JSON, "html": HTML, "geojson": GEOJSON, "schemajson": SCHEMA}


def language_of(request: Request) -> str:
    """Return the language that the asker reads: the one chosen on a page, else what the browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else preferred_language(request.headers.get("accept-language"))


def said(request: Request, key: str) -> str:
    """Return a word of the pages."""
    return catalogue(language_of(request)).get(f"ogc.page.{key}", key)


def described(request: Request, collection: Any) -> tuple[str, str]:
    """Return title and description of a collection; a layer for reference is called as its file's owner called it."""
    if collection.own is None:
        _, about = words("ogc.collection.reference", language_of(request), {"name": collection.called})
        return collection.called, about
    return words(f"ogc.collection.{collection.id}", language_of(request), {})


def called(request: Request, collection: str, attribute: str) -> str:
    """Return what an attribute is called in the asker's language; one of a layer for reference is called as it is."""
    names = PUBLISHED.get(collection, {}).get(attribute)
    if names is None:
        return attribute
    return names[0] if language_of(request).startswith("zh") else names[1].split("; ")[0].replace("`", "")


@cache
def templates() -> Jinja2Templates:
    """Return the pages' templates: everything that comes from data is escaped, nothing comes from elsewhere."""
    folder = Path(str(files("web_map").joinpath("ogc")))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "said": said, "called": called, "pretty": _pretty, "written": _written, "language_of": language_of,
        "root_of": root, "home_of": lambda request: request.base_url.path, "with_query": _with_query,
    }  # fmt: skip
    return Jinja2Templates(env=environment)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _written(request: Request, value: Any) -> str:
    """Return a value as people read it: yes and no in words, members of a list side by side, thousands apart."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return said(request, "yes" if value else "no")
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    return f"{value:,}" if isinstance(value, float) and abs(value) >= THOUSANDS_FROM else str(value)


def _with_query(request: Request, **changed: str | None) -> str:
    """Return the query of an address with other values; None leaves one out."""
    url = request.url.remove_query_params([name for name, value in changed.items() if value is None])
    kept = {name: value for name, value in changed.items() if value is not None}
    return url.include_query_params(**kept).query


def wants_page(request: Request) -> bool:
    """Say whether a page is asked for: by `f`, else by what the asker accepts first. Raises `ParameterInvalid`."""
    form = request.query_params.get("f")
    if form is not None:
        if form not in FORMS:
            raise ParameterInvalid(parameter="f", given=form[:50], expected=", ".join(FORMS))
        return form == "html"
    accepted = request.headers.get("accept", "")
    return _weight(accepted, "html") > _weight(accepted, "json")


def _weight(accepted: str, kind: str) -> tuple[float, int]:
    """Return how much an `Accept` header wants a kind: its weight, then how early it stands."""
    found = (0.0, 0)
    for place, part in enumerate(accepted.lower().split(",")):
        media_type, *details = (each.strip() for each in part.split(";"))
        if kind in media_type:
            weights = [each.removeprefix("q=") for each in details if each.startswith("q=")]
            try:
                found = max(found, (float(weights[0]) if weights else 1.0, -place))
            except ValueError:
                continue
    return found


def answer(
    request: Request, data: dict[str, Any], *, page: str, media_type: str = JSON, **shown: Any
) -> Response:
    """Return data as JSON, or as the page of that name."""
    if wants_page(request):
        context = {"data": data, **shown}
        headers = {"Content-Language": language_of(request), "Vary": "Accept, Accept-Language, Cookie"}
        return templates().TemplateResponse(request, f"{page}.html", context, headers=headers)
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(body, media_type=media_type, headers={"Vary": "Accept, Accept-Language, Cookie"})


def root(request: Request) -> str:
    """Return the address of the landing page, without its slash."""
    return str(request.base_url).rstrip("/") + PREFIX


def place(request: Request, collection: str) -> str:
    """Return the address of a collection, whatever letters its name has."""
    return f"{root(request)}/collections/{quote(collection)}"


PREFIX: Final = "/ogc"


def link(href: str, rel: str, media_type: str, title: str | None = None) -> dict[str, Any]:
    """Return a link of an answer."""
    return {"href": href, "rel": rel, "type": media_type} | ({"title": title} if title else {})
