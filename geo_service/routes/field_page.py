"""The field app's page, its manifest and its service worker; who may see what the API decides."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from web_map.shell import field_shell

router = APIRouter(prefix="/field", include_in_schema=False)
FIELD: Final = Path(str(files("web_map").joinpath("field")))
NEVER_OLD: Final = {"Cache-Control": "no-cache"}


@router.get("", response_class=RedirectResponse)
def without_slash() -> RedirectResponse:
    """Lead to the app: its service worker reaches what begins with `/field/`."""
    return RedirectResponse("field/", status_code=308)


@router.get("/")
def app() -> FileResponse:
    """Return the field app."""
    return FileResponse(FIELD / "index.html", headers=NEVER_OLD)


@router.get("/manifest.webmanifest")
def manifest() -> FileResponse:
    """Return what a phone needs to install the app."""
    return FileResponse(
        FIELD / "manifest.webmanifest", media_type="application/manifest+json", headers=NEVER_OLD
    )


@router.get("/shell.json")
def shell() -> JSONResponse:
    """Return the files that the app consists of, with the SHA-256 of each."""
    found = field_shell()
    return JSONResponse({"version": found.version, "files": found.files}, headers=NEVER_OLD)


@router.get("/sw.js")
def service_worker() -> Response:
    """Return the service worker; it names the version, so that a browser notices any change of the app."""
    script = (FIELD / "sw.js").read_text(encoding="utf-8").replace("SHELL_VERSION", field_shell().version)
    return Response(script, media_type="text/javascript", headers=NEVER_OLD)
