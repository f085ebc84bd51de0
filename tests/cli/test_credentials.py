"""Which secrets a channel's adapter is given."""

from __future__ import annotations

import pytest

from socialops.cli.shared import credentials_of, missing_credentials
from socialops.content.channel import Channel
from socialops.errors import CredentialsError

PAGE = Channel("our-page", "brand/channels/our-page.md", "facebook", params={"page_id": "104"})


def test_a_secret_that_an_adapter_can_do_without_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALOPS_OUR_PAGE_TOKEN", "EAAtoken")
    monkeypatch.delenv("SOCIALOPS_OUR_PAGE_APP_SECRET", raising=False)
    login = credentials_of(PAGE)
    assert login is not None
    assert (login.token, dict(login.secrets), login.settings) == ("EAAtoken", {}, {"page_id": "104"})
    monkeypatch.setenv("SOCIALOPS_OUR_PAGE_APP_SECRET", "app")
    login = credentials_of(PAGE)
    assert login is not None
    assert login.secrets == {"APP_SECRET": "app"}


def test_an_optional_secret_is_looked_at_like_every_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALOPS_OUR_PAGE_TOKEN", "EAAtoken")
    monkeypatch.setenv("SOCIALOPS_OUR_PAGE_APP_SECRET", "app\n")
    with pytest.raises(CredentialsError) as caught:
        credentials_of(PAGE)
    assert "SOCIALOPS_OUR_PAGE_APP_SECRET" in caught.value.message


def test_a_channel_without_its_token_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOCIALOPS_OUR_PAGE_TOKEN", raising=False)
    monkeypatch.setenv("SOCIALOPS_OUR_PAGE_APP_SECRET", "app")
    assert credentials_of(PAGE) is None
    assert missing_credentials(PAGE) == "no credentials: set SOCIALOPS_OUR_PAGE_TOKEN in the environment"
