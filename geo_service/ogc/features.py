"""OGC API – Features over tipg's factories: collections with their CRS, items by key, filters as the standard has them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response
from tipg import model
from tipg.factory import FEATURES_CONFORMS, OGCFeaturesFactory

from geo_service.ogc.answers import (
    GEOJSON,
    HTML,
    JSON,
    SCHEMA,
    answer,
    called,
    described,
    link,
    place,
    root,
    wants_page,
)
from geo_service.ogc.asking import Asked, ask
from geo_service.ogc.collections import Published
from geo_service.ogc.cql.scalars import FUNCTIONS
from geo_service.ogc.crs import offered
from geo_service.ogc.door import Door, Reading
from geo_service.ogc.reading import Items, read_item, read_items
from geo_service.ogc.refusals import ItemNotFound, ParameterInvalid

STORAGE: Final = "http://www.opengis.net/def/crs/EPSG/0/4490"
PER_PAGE: Final = 100
MOST: Final = 10_000
CURSOR_LENGTH: Final = 4000
FEATURES_2: Final = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs"
CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"
CLASSES: Final = (
    "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
    "accent-insensitive-comparison", "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
    "temporal-functions", "array-functions", "property-property", "functions", "arithmetic",
)  # fmt: skip
PART_3: Final = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"


def door_of(request: Request) -> Door:
    """Return the door that the application reads through."""
    found: Door = request.app.state.door
    return found


Named = Annotated[str, Path(description="name of a collection", examples=["units"])]


async def published(request: Request, collectionId: Named) -> Published:
    """Return the collection that an address names. Raises `CollectionNotFound`."""
    return await door_of(request).answer(
        request, lambda reading: reading.with_extent(reading.collection(collectionId))
    )


Collected = Annotated[Published, Depends(published)]
Box = Annotated[
    str | None,
    Query(description="minx,miny,maxx,maxy, axes as `bbox-crs` has them", examples=["110,19,111,20"]),
]
Crs = Annotated[
    str | None,
    Query(description="CRS of the answer; CRS84 when left out", json_schema_extra={"format": "uri"}),
]


def parameters(
    bbox: Box = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", description="CRS of `bbox`")] = None,
    datetime: Annotated[
        str | None,
        Query(
            description="an instant, or start/end with `..` for open; today where rows end and none is given"
        ),
    ] = None,
    filter_: Annotated[str | None, Query(alias="filter", description="CQL2")] = None,
    filter_lang: Annotated[
        str | None, Query(alias="filter-lang", description="cql2-text or cql2-json")
    ] = None,
    filter_crs: Annotated[
        str | None, Query(alias="filter-crs", description="CRS of geometries in `filter`")
    ] = None,
    sortby: Annotated[str | None, Query(description="properties, `-` before one that descends")] = None,
    properties: Annotated[str | None, Query(description="properties shown; all when left out")] = None,
    crs: Crs = None,
) -> dict[str, str | None]:
    """Return what is asked, by the names that OGC gives."""
    return {
        "bbox": bbox, "bbox-crs": bbox_crs, "datetime": datetime, "filter": filter_, "filter-lang": filter_lang,
        "filter-crs": filter_crs, "sortby": sortby, "properties": properties, "crs": crs,
    }  # fmt: skip


Given = Annotated[dict[str, str | None], Depends(parameters)]
PAGING: Final = frozenset({"limit", "cursor", "f"})


def queried(request: Request, collection: Published, known: frozenset[str]) -> dict[str, str]:
    """Return the parameters that name a property. Raises `ParameterInvalid` for one that names nothing."""
    found = {}
    for name, value in request.query_params.multi_items():
        if name in known:
            continue
        if name not in collection.terms:
            raise ParameterInvalid(parameter=name[:100], given=value[:100], expected=", ".join(sorted(known)))
        found[name] = value
    return found


@dataclass
class Features(OGCFeaturesFactory):
    """tipg's endpoints, with what the service adds: CRS, keyset pages, its own CQL2, titles in two languages."""

    @property
    def conforms_to(self) -> list[str]:
        """Conformance classes."""
        third = [f"{PART_3}{name}" for name in ("queryables", "queryables-query-parameters")]
        return [*FEATURES_CONFORMS, FEATURES_2, *third, *(f"{CQL2}{name}" for name in CLASSES)]

    def register_routes(self) -> None:
        """Register every endpoint of Features."""
        super().register_routes()  # type: ignore[no-untyped-call]  # tipg leaves it untyped
        self._functions_route()

    def _functions_route(self) -> None:
        @self.router.get("/functions", tags=["OGC Features API"])
        def functions(request: Request) -> Response:
            """Functions that a filter may call."""
            told = [
                {"name": name, "arguments": [{"type": [kind]} for kind in one.takes], "returns": [one.gives]}
                for name, one in FUNCTIONS.items()
            ]
            return answer(request, {"functions": told}, page="functions")

    def _collections_route(self) -> None:
        @self.router.get(
            "/collections", tags=["OGC Features API"], responses={200: {"model": model.Collections}}
        )
        async def collections(request: Request) -> Response:
            """Every collection that is published."""
            found = await door_of(request).answer(request, lambda reading: reading.collections())
            data = {
                "links": [
                    link(f"{root(request)}/collections", "self", JSON),
                    link(f"{root(request)}/collections?f=html", "alternate", HTML),
                ],
                "crs": list(offered()),
                "collections": [self._told(request, each) for each in found],
            }
            return answer(request, data, page="collections")

    def _told(self, request: Request, collection: Published) -> dict[str, Any]:
        title, about = described(request, collection)
        here = place(request, collection.id)
        told: dict[str, Any] = {
            "id": collection.id,
            "title": title,
            "description": about,
            "itemType": "feature",
            "keywords": ["reference"] if collection.own is None else ["register"],
            "crs": list(offered()),
            "storageCrs": STORAGE,
            "links": [
                link(here, "self", JSON, title),
                link(f"{here}?f=html", "alternate", HTML, title),
                link(f"{here}/items", "items", GEOJSON, title),
                link(f"{here}/items?f=html", "items", HTML, title),
                link(f"{here}/schema", "describedby", SCHEMA),
                link(f"{here}/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA),
                link(f"{here}/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", JSON),
            ],
        }
        if collection.extent is not None:
            told["extent"] = collection.extent.model_dump(exclude_none=False, mode="json")
            told["extent"] = {name: value for name, value in told["extent"].items() if value is not None}
        return told

    def _collection_route(self) -> None:
        @self.router.get(
            "/collections/{collectionId}",
            tags=["OGC Features API"],
            responses={200: {"model": model.Collection}},
        )
        async def collection(request: Request, collection: Collected) -> Response:
            """One collection: extent, CRS, where its items and tiles are."""
            return answer(request, self._told(request, collection), page="collection", of=collection)

    def _queryables_route(self) -> None:
        @self.router.get(
            "/collections/{collectionId}/queryables",
            tags=["OGC Features API"],
            responses={200: {"content": {SCHEMA: {}, HTML: {}}}},
        )
        async def queryables(request: Request, collection: Collected) -> Response:
            """Tell which properties a filter may name."""
            return _described(request, collection, "queryables", collection.queryables)

        @self.router.get(
            "/collections/{collectionId}/schema",
            tags=["OGC Features API"],
            responses={200: {"content": {SCHEMA: {}, HTML: {}}}},
        )
        async def schema(request: Request, collection: Collected) -> Response:
            """Tell which properties items have, and of what type."""
            has = {column.name for column in (*collection.shown, collection.geometry_column) if column}
            told = {name: each for name, each in collection.queryables.items() if name in has}
            return _described(request, collection, "schema", told)

    def _items_route(self) -> None:
        @self.router.get(
            "/collections/{collectionId}/items",
            tags=["OGC Features API"],
            responses={200: {"content": {GEOJSON: {}, HTML: {}}, "model": model.Items}},
        )
        async def items(
            request: Request,
            collectionId: Named,
            given: Given,
            limit: Annotated[
                int, Query(ge=1, description="items a page", json_schema_extra={"maximum": MOST})
            ] = PER_PAGE,
            cursor: Annotated[
                str | None, Query(max_length=CURSOR_LENGTH, description="where a page begins")
            ] = None,
        ) -> Response:
            """Return a page of items; what the form of a page leaves empty asks nothing."""
            if wants_page(request):
                given = {name: value or None for name, value in given.items()}
            return await items_answer(request, collectionId, given, limit=min(limit, MOST), cursor=cursor)

    def _item_route(self) -> None:
        @self.router.get(
            "/collections/{collectionId}/items/{featureId}",
            tags=["OGC Features API"],
            responses={200: {"content": {GEOJSON: {}, HTML: {}}, "model": model.Item}},
        )
        async def item(
            request: Request,
            collectionId: Named,
            featureId: Annotated[str, Path(description="id of an item")],
            crs: Crs = None,
        ) -> Response:
            """Return one item."""

            def read(reading: Reading) -> tuple[Asked, str | None]:
                collection = reading.collection(collectionId)
                queried(request, collection, frozenset({"crs", "f"}))
                asked = ask(collection, {"crs": crs, "datetime": "../.."}, {})
                return asked, read_item(reading, asked, featureId)

            asked, found = await door_of(request).answer(request, read)
            if found is None:
                raise ItemNotFound(collection=collectionId, item=featureId[:200])
            return _item_answer(request, asked, found)


def _described(
    request: Request, collection: Published, name: str, told: dict[str, dict[str, str]]
) -> Response:
    title, about = described(request, collection)
    data = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{place(request, collection.id)}/{name}",
        "type": "object",
        "title": title,
        "description": about,
        "properties": {
            attribute: {**each, "title": called(request, collection.id, attribute)}
            for attribute, each in told.items()
        },
        "additionalProperties": False,
    }
    return answer(request, data, page="queryables", media_type=SCHEMA, collection=collection.id)


async def items_answer(
    request: Request, name: str, given: Mapping[str, str | None], *, limit: int, cursor: str | None
) -> Response:
    """Return a page of a collection's items."""

    def read(reading: Reading) -> tuple[Asked, Items]:
        collection = reading.collection(name)
        asked = ask(collection, given, queried(request, collection, frozenset(given) | PAGING))
        return asked, read_items(reading, asked, limit=limit, cursor=cursor)

    asked, page = await door_of(request).answer(request, read)
    home = place(request, asked.collection.id)
    query = request.query_params.multi_items()
    here = f"{home}/items" + (f"?{urlencode(query)}" if query else "")
    links = [
        link(here, "self", GEOJSON),
        link(home, "collection", JSON),
        link(f"{home}/items?{_with(query, 'f', 'html')}", "alternate", HTML),
    ]
    if page.following:
        links.append(link(f"{home}/items?{_with(query, 'cursor', page.following)}", "next", GEOJSON))
    return _geojson(
        request,
        asked,
        page="items",
        features=page.features,
        head={
            "type": "FeatureCollection",
            **({} if page.matched is None else {"numberMatched": page.matched}),
            "numberReturned": len(page.features),
            "timeStamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "links": links,
        },
    )


def _with(query: list[tuple[str, str]], name: str, value: str) -> str:
    """Return a query with one parameter in place of those of its name."""
    return urlencode([*(each for each in query if each[0] != name), (name, value)])


def _item_answer(request: Request, asked: Asked, found: str) -> Response:
    home = place(request, asked.collection.id)
    here = f"{home}/items/{quote(request.path_params['featureId'])}"
    links = [
        link(here, "self", GEOJSON),
        link(f"{here}?{request.url.include_query_params(f='html').query}", "alternate", HTML),
        link(home, "collection", JSON),
    ]
    return _geojson(request, asked, page="item", features=[found], head={"links": links})


def _geojson(
    request: Request, asked: Asked, *, page: str, features: list[str], head: dict[str, Any]
) -> Response:
    """Return features as the database wrote them; only a page reads them again."""
    headers = {
        "Content-Crs": f"<{asked.crs.uri}>",
        "Vary": "Accept, Accept-Language, Authorization, Cookie",
    }
    if wants_page(request):
        data = {**head, "features": [json.loads(each) for each in features]}
        title, about = described(request, asked.collection)
        names = {"collection": asked.collection.id, "title": title, "about": about}
        return answer(request, data, page=page, of=asked.collection, shown=asked.shown, **names)
    headers |= {"ETag": _etag(head, features), "Cache-Control": "private, no-cache"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    opening = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    if page == "item":
        body = f"{features[0][:-1]},{opening[1:]}"
    else:
        body = f'{opening[:-1]},"features":[{",".join(features)}]}}'
    return Response(body, media_type=GEOJSON, headers=headers)


def _etag(head: dict[str, Any], features: list[str]) -> str:
    """Return the mark of an answer but for the moment it was given: weak, since it may be packed on its way."""
    seen = hashlib.sha256(json.dumps({**head, "timeStamp": None}).encode())
    for each in features:
        seen.update(each.encode())
    return f'W/"{seen.hexdigest()[:24]}"'
