"""The HTTP status of a problem that a page shows, and when to come back."""

from __future__ import annotations

from starlette.responses import Response

from annulet.errors import AnnuletError
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.errors import OverloadedError


def give_status(response: Response, problem: AnnuletError) -> Response:
    """Give a page the status of the problem that it shows."""
    if isinstance(problem, TooManyAttemptsError):
        response.status_code = 429
        response.headers["retry-after"] = str(problem.wait_s)
    elif isinstance(problem, OverloadedError):
        response.status_code = 503
        response.headers["retry-after"] = str(problem.retry_after_s)
    else:
        response.status_code = 400
    return response
