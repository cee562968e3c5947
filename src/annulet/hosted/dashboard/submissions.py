"""Forms that count once, also when they are sent twice, as by a double click.

A page carries a random value in each form that makes something or sends mail. Of two forms with the
same value the first one counts. A reply to the second one says so: the browser shows it in place of
the first reply.
"""

from __future__ import annotations

from typing import Final

from annulet.hosted.accounts.rate_limits import Budget
from annulet.hosted.dashboard.forms import Form
from annulet.hosted.service import Service

_REMEMBERED_S: Final = 3600


async def is_sent_again(service: Service, form: Form, kind: str, sender: str) -> bool:
    """Tell whether this very form was sent before.

    Args:
        service: The service.
        form: The form; without a submission each one counts.
        kind: What it makes, and of what a person typed all that makes it another thing: a page may
            have several forms, and may be shown again by the browser's way back.
        sender: The person, or the token of a browser that is not signed in.
    """
    submission = form.get("submission")
    sent_before = Budget(f"{kind}:{sender}:{submission}", 1, _REMEMBERED_S)
    return bool(submission and await service.accounts.limits.reserve([sent_before]))
