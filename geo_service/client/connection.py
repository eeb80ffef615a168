"""Requests and answers: the token, the pages of a list, the problem of a refusal, the end of a job."""

import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, Self

import httpx2 as transport

PAGE: Final = 1000


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
    """One address and one token; use it as a context, or `close` it."""

    def __init__(
        self, address: str, token: str | None = None, *, timeout_s: float = 60.0, language: str = "zh-CN"
    ) -> None:
        headers = {"Accept-Language": language}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
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
        try:
            answer = self._http.request(method, path, json=json, params=written(asked) or None)
        except transport.HTTPError as error:
            raise ServiceError("service.unreachable", str(error) or type(error).__name__) from error
        if answer.is_success:
            return answer
        try:
            problem = answer.json()
            code, detail = str(problem["code"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            raise ServiceError("service.no_problem", answer.text[:200], status=answer.status_code) from None
        raise ServiceError(code, detail, status=answer.status_code, facts=problem.get("facts"))

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
            page = self.get(transport.URL(following).raw_path.decode())

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


def written(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as an address has them: a box by commas, days by ISO 8601, nothing for None.

    >>> written({"bbox": (110, 19, 111, 20), "as_of": date(2026, 1, 2), "level": None})
    {'bbox': '110,19,111,20', 'as_of': '2026-01-02'}
    """

    def word(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return ",".join(map(str, value))
        return value.isoformat() if isinstance(value, date) else value

    return {name: word(value) for name, value in asked.items() if value is not None}
