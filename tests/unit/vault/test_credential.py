"""Injection templates and allowed tools: honoured to the letter or refused at creation."""

from typing import Any

import pytest

from annulet.errors import UsageError
from annulet.vault.credential import CredentialPolicy, InjectionTemplate

OURA = {
    "hostPattern": "api.ouraring.com",
    "injectionType": "header",
    "headerName": "Authorization",
    "valuePrefix": "Bearer ",
}


def test_the_template_for_oura_is_taken_as_it_is_written_elsewhere() -> None:
    """The four names of the vocabulary survive the round trip."""
    template = InjectionTemplate.from_dict(OURA)
    assert template.as_dict() == OURA
    assert template.covers("api.ouraring.com")
    assert template.covers("API.ouraring.com.")
    assert not template.covers("api.ouraring.com.evil.example")
    assert not template.covers("ouraring.com")


@pytest.mark.parametrize(
    "change",
    [
        {"injectionType": "query", "queryParamName": "token"},
        {"injectionType": "query"},
        {"composeWith": {"service": "x"}},
        {"valueTransform": "base64"},
        {"hostPattern": "*"},
        {"hostPattern": "*.com"},
        {"hostPattern": ""},
        {"hostPattern": "https://api.ouraring.com"},
        {"hostPattern": "api.ouraring.com/v2"},
        {"hostPattern": "api.ouraring.com:443"},
        {"hostPattern": "*ouraring.com"},
        {"hostPattern": "a[b].com"},
        {"hostPattern": None},
        {"headerName": "Bad Header"},
        {"headerName": "Host"},
        {"headerName": "X\r\nY"},
        {"valuePrefix": "Bearer\r\nX: "},
        {"valuePrefix": "é"},
        {"valuePrefix": 7},
    ],
)
def test_a_template_that_cannot_be_honoured_is_refused(change: dict[str, Any]) -> None:
    """It is refused when it is made, with a sentence, and never skipped when it is used."""
    with pytest.raises(UsageError, match="cannot be honoured"):
        InjectionTemplate.from_dict({**OURA, **change})


def test_no_tool_may_use_a_credential_that_names_no_tool() -> None:
    """Allowed tools fail closed; names are names."""
    assert not CredentialPolicy().allows("bash")
    widened = CredentialPolicy(allowed_tools=("annulet",)).with_tools(["bash"])
    assert widened.allows("bash")
    assert widened.allows("annulet")
    with pytest.raises(UsageError, match="tool"):
        CredentialPolicy(allowed_tools=("no tool\n",))


def test_a_policy_survives_sealing() -> None:
    """What is written is what is read."""
    policy = CredentialPolicy(
        templates=(InjectionTemplate.from_dict(OURA),), allowed_tools=("bash",)
    )
    assert CredentialPolicy.from_dict(policy.as_dict()) == policy
