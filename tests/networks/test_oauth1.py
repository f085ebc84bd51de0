"""Signing, against the examples of RFC 5849 and of X's own documentation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialops.networks.oauth1 import Keys, authorization, base_string, encoded, signature, with_query

X = Keys(
    "xvz1evFS4wEEPTGEFPHBog",
    "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
)
STATUS = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!")]
NONCE = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        # docs.x.com, "Creating a signature", of 2026, of 2018, and of 2011
        ("https://api.x.com/1.1/statuses/update.json", "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="),
        ("https://api.twitter.com/1.1/statuses/update.json", "hCtSmYh+iHYCEqBWrE7C7hYmtUk="),
        ("https://api.twitter.com/1/statuses/update.json", "tnnArxj06cWHq44gCs1OSKk/jLY="),
    ],
)
def test_the_documented_requests_of_x_are_signed_as_documented(url: str, signed: str) -> None:
    header = authorization("post", f"{url}?include_entities=true", X, nonce=NONCE, timestamp=1318622958, form=STATUS)
    assert header == (
        'OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", '
        f'oauth_nonce="{NONCE}", '
        f'oauth_signature="{encoded(signed)}", '
        'oauth_signature_method="HMAC-SHA1", '
        'oauth_timestamp="1318622958", '
        'oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", '
        'oauth_version="1.0"'
    )


def test_the_base_string_of_the_rfc() -> None:
    # RFC 5849, section 3.4.1.1, with the parameters of 3.4.1.3.1
    parameters = [
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
        ("c2", ""),
        ("a3", "2 q"),
    ]
    assert base_string("POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", parameters) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q"
        "%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_"
        "key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m"
        "ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk"
        "9d7dh3k39sjv7"
    )


def test_the_request_of_the_rfc() -> None:
    # RFC 5849, section 1.2: the photo, fetched with the token (it has no oauth_version there)
    base = base_string(
        "GET",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ],
    )
    assert signature(base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00") == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


@pytest.mark.parametrize(
    ("url", "address"),
    [
        # RFC 5849, section 3.4.1.2
        ("http://EXAMPLE.COM:80/r%20v/X?id=123", "http://example.com/r%20v/X"),
        ("https://www.example.net:8080/?q=1", "https://www.example.net:8080/"),
        ("https://example.com:443", "https://example.com/"),
    ],
)
def test_the_address_is_written_in_one_way(url: str, address: str) -> None:
    assert base_string("GET", url, []).split("&")[1] == encoded(address)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        # docs.x.com, "Percent encoding parameters"
        ("Ladies + Gentlemen", "Ladies%20%2B%20Gentlemen"),
        ("An encoded string!", "An%20encoded%20string%21"),
        ("Dogs, Cats & Mice", "Dogs%2C%20Cats%20%26%20Mice"),
        ("☃", "%E2%98%83"),
        ("~-._", "~-._"),
        ("a/b", "a%2Fb"),
    ],
)
def test_signs_are_encoded_as_documented(text: str, written: str) -> None:
    assert encoded(text) == written


def test_a_login_begins_without_a_token_and_names_where_to_return() -> None:
    header = authorization(
        "POST",
        "https://api.x.com/oauth/request_token",
        Keys("key", "secret"),
        nonce="n",
        timestamp=1,
        extra=[("oauth_callback", "http://127.0.0.1:8765/")],
        realm="X",
    )
    assert header.startswith('OAuth realm="X", oauth_callback="http%3A%2F%2F127.0.0.1%3A8765%2F", ')
    assert "oauth_token" not in header


def test_no_secret_is_shown() -> None:
    header = authorization("GET", "https://api.x.com/2/users/me", X, nonce="n", timestamp=1)
    for secret in (X.consumer_secret, X.token_secret):
        assert secret not in header + repr(X)
    assert X.token not in repr(X)


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))),
    st.text(st.characters(codec="utf-8")),
)
def test_a_parameter_is_signed_alike_in_the_address_and_in_a_form(pairs: list[tuple[str, str]], secret: str) -> None:
    address = "https://api.x.com/2/tweets"
    assert base_string("GET", with_query(address, pairs), []) == base_string("GET", address, pairs)
    header = authorization("GET", address, Keys("k", secret, "t", secret), nonce="n", timestamp=1, form=pairs)
    assert re.fullmatch(r'OAuth (?:[a-z_]+="[A-Za-z0-9%._~-]*"(?:, |$))+', header)
