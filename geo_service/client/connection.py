"""Requests and answers: the token, the pages of a list, the problem of a refusal, the end of a job."""

import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self

import httpx2 as transport

PAGE: Final = 1000
ADDRESS: Final = "http://127.0.0.1:8000"
_LATER: Final = frozenset({429, 503})
_MOST_TRIES: Final = 5


class ServiceError(Exception):
    """The service refused, or did not answer. `code` is the problem's stable code, `facts` its facts.

    `service.unreachable` where nothing answered at all.
    """

    def __init__(
        self, code: str, detail: str, *, status: int | None = None, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{detail} [{code}]")
        self.code, self.detail, self.status, self.facts = code, detail, status, dict(facts or {})


class Connection:
    """One address and one token; use it as a context, or `close` it.

    What is not given comes from `GEO_ADDRESS` (then this machine) and `GEO_TOKEN`; `token=""` asks as the public. A read
    that is answered 429 or 503 is asked again after its `Retry-After`, four times at most, while all waits together stay
    within `patience_s`; acts are never sent twice.
    """

    def __init__(self, address: str | None = None, token: str | None = None, *, timeout_s: float = 60.0,
                 language: str = "zh-CN", patience_s: float = 30.0) -> None:  # fmt: skip
        address = address or os.environ.get("GEO_ADDRESS") or ADDRESS
        token = os.environ.get("GEO_TOKEN") if token is None else token
        headers = {"Accept-Language": language}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._patience_s = patience_s
        self._http = transport.Client(base_url=address.rstrip("/"), headers=headers, timeout=timeout_s)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the connection."""
        self.close()

    def request(self, method: str, path: str, *, json: Any = None, **asked: Any) -> transport.Response:
        """Send a request; raises `ServiceError` for a problem. Parameters that are None are left out."""
        answer = self._answer(method, path, json, written(asked) or None)
        if answer.is_success:
            return answer
        try:
            problem = answer.json()
            code, detail = str(problem["code"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            raise ServiceError("service.no_problem", answer.text[:200], status=answer.status_code) from None
        raise ServiceError(code, detail, status=answer.status_code, facts=problem.get("facts"))

    def _answer(self, method: str, path: str, json: Any, params: Any) -> transport.Response:
        left_s = self._patience_s if method == "GET" else 0.0
        for tried in range(_MOST_TRIES):
            try:
                answer = self._http.request(method, path, json=json, params=params)
            except (transport.HTTPError, transport.InvalidURL) as error:
                raise ServiceError("service.unreachable", str(error) or type(error).__name__) from error
            if method != "GET" or answer.status_code not in _LATER:
                break
            pause_s = wait_s(answer.headers.get("Retry-After"), tried, datetime.now(UTC))
            left_s -= pause_s
            if left_s < 0 or tried + 1 == _MOST_TRIES:
                break
            time.sleep(pause_s)
        return answer

    def get(self, path: str, **asked: Any) -> Any:
        """Return what a GET answers, as JSON."""
        return self.request("GET", path, **asked).json()

    def features(self, path: str, *, most: int | None = None, **asked: Any) -> Iterator[dict[str, Any]]:
        """Yield the features of a list, page after page, following its `next` links; at most `most`."""
        left = most
        page = self.get(path, **asked, limit=PAGE if most is None else max(1, min(PAGE, most)))
        while True:
            for feature in page["features"]:
                if left is not None and left <= 0:
                    return
                yield feature
                left = None if left is None else left - 1
            following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            if following is None or left == 0:
                return
            page = self.get(f"{path}?{transport.URL(following).query.decode()}")

    def finished(self, job: Mapping[str, Any], *, within_s: float) -> dict[str, Any]:
        """Wait for a job and return its result; raises `ServiceError` with its problem, or `job.not_finished`."""
        deadline = time.monotonic() + within_s
        while job["state"] in {"waiting", "running"}:
            if time.monotonic() > deadline:
                raise ServiceError("job.not_finished", str(job["id"]))
            time.sleep(0.2)
            job = self.get(f"/api/jobs/{job['id']}")
        if job["state"] != "done":
            problem = job.get("problem") or {}
            raise ServiceError(
                str(problem.get("code", "job.cancelled")), str(job["id"]), facts=problem.get("facts")
            )
        return dict(job["result"])


def wait_s(retry_after: str | None, tried: int, now: datetime) -> float:
    """Return how many seconds to wait: as `Retry-After` says (RFC 9110, 10.2.3), else half a second, doubled each time.

    >>> wait_s("7", 0, datetime(2026, 1, 1, tzinfo=UTC)), wait_s(None, 2, datetime(2026, 1, 1, tzinfo=UTC))
    (7.0, 2.0)
    >>> wait_s("Thu, 01 Jan 2026 00:00:05 GMT", 0, datetime(2026, 1, 1, tzinfo=UTC))
    5.0
    """
    said = (retry_after or "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.5 * float(2**tried)
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def day_text(value: Any) -> Any:
    """Return a day by ISO 8601, also where a column of a frame gave it as a timestamp; anything else as it is."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def written(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as an address has them: a box by commas, words one by one, days by ISO 8601, nothing for None.

    >>> written({"bbox": (110, 19, 111, 20), "as_of": datetime(2026, 1, 2), "kind": ["patrol", "joint"], "level": None})
    {'bbox': '110,19,111,20', 'as_of': '2026-01-02', 'kind': ['patrol', 'joint']}
    """

    def word(value: Any) -> Any:
        if not isinstance(value, tuple | list):
            return day_text(value)
        return list(value) if all(isinstance(each, str) for each in value) else ",".join(map(str, value))

    return {name: word(value) for name, value in asked.items() if value is not None}
