"""The pages themselves: from map and sign-in to what is due and data on request; who may see what the API decides."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse

router = APIRouter(include_in_schema=False)
PAGES = Path(str(files("web_map")))


def _page(name: str) -> FileResponse:
    return FileResponse(PAGES / f"{name}.html", headers={"Cache-Control": "no-cache"})


@router.get("/")
def office_map() -> FileResponse:
    """Return the office map."""
    return _page("index")


@router.get("/sign-in")
def sign_in() -> FileResponse:
    """Return the sign-in page, also for one-time links: their secret stands behind the `#`."""
    return _page("sign-in")


@router.get("/sign-in/link", response_class=RedirectResponse)
def one_time_link() -> RedirectResponse:
    """Lead to the sign-in page; browsers keep what stands behind the `#`."""
    return RedirectResponse("../sign-in", status_code=308)


@router.get("/account")
def account() -> FileResponse:
    """Return the page of one's own account."""
    return _page("account")


@router.get("/officers")
def officers() -> FileResponse:
    """Return the administrator's page."""
    return _page("officers")


@router.get("/naming", response_class=RedirectResponse)
def review_desk_without_slash() -> RedirectResponse:
    """Lead to the review desk."""
    return RedirectResponse("naming/", status_code=308)


@router.get("/naming/")
def review_desk() -> FileResponse:
    """Return the naming office's review desk."""
    return _page("naming/desk")


@router.get("/naming/propose")
def propose() -> FileResponse:
    """Return the page on which a proposal is written; with `?id=` one that is on record."""
    return _page("naming/propose")


@router.get("/naming/committee")
def committee() -> FileResponse:
    """Return the page of the committee's sittings."""
    return _page("naming/committee")


@router.get("/naming/register")
def register_of_names() -> FileResponse:
    """Return the browser of the register of names."""
    return _page("naming/register")


@router.get("/naming/public")
def names_under_comment() -> FileResponse:
    """Return the public's page of names that are open for comment."""
    return _page("naming/public")


@router.get("/naming/public/", response_class=RedirectResponse)
def names_under_comment_with_slash() -> RedirectResponse:
    """Lead to the public's page."""
    return RedirectResponse("../public", status_code=308)


@router.get("/audit")
def audit() -> FileResponse:
    """Return the audit page."""
    return _page("audit")


@router.get("/scenarios")
def scenarios() -> FileResponse:
    """Return the page on which two plans of hubs are compared."""
    return _page("scenarios")


@router.get("/joint")
def joint_inspections() -> FileResponse:
    """Return the page of joint inspections: the plan, and with `?id=` one of them."""
    return _page("joint")


@router.get("/due")
def what_is_due() -> FileResponse:
    """Return the board of what is due."""
    return _page("due")


@router.get("/layers")
def layers_for_reference() -> FileResponse:
    """Return the page of layers for reference."""
    return _page("layers")


@router.get("/webhooks")
def webhooks() -> FileResponse:
    """Return the administrator's page of addresses that are told of changes."""
    return _page("webhooks")


@router.get("/releases")
def releases() -> FileResponse:
    """Return the page of requests for controlled data."""
    return _page("releases")
