"""Addresses that secrets may be sent to."""

import pytest

from annulet.errors import UsageError
from annulet.oura_http.addresses import check_api_url, check_sign_in_url

UNSAFE = ("http://api.ouraring.com", "ftp://127.0.0.1", "https://", "api.ouraring.com", "http://[")


@pytest.mark.parametrize("url", UNSAFE)
def test_plain_http_never_leaves_this_machine(url):
    """Neither a token nor a client secret goes to such an address."""
    for check in (check_api_url, check_sign_in_url):
        with pytest.raises(UsageError) as caught:
            check(url)
        assert caught.value.hint


def test_the_root_of_the_api_is_bare():
    """A user, a query or a fragment would change what is asked."""
    for url in (
        "https://user:word@api.ouraring.com",
        "https://api.ouraring.com/?a=b",
        "https://api.ouraring.com/#x",
    ):
        with pytest.raises(UsageError):
            check_api_url(url)
    assert check_api_url("http://127.0.0.1:8080/oura/") == "http://127.0.0.1:8080/oura"


def test_an_address_of_the_sign_in_service_keeps_its_query():
    """Some authorization endpoints carry one."""
    url = "https://cloud.ouraring.com/oauth/authorize?audience=x"
    assert check_sign_in_url(url) == url
