"""tweepy, told to do what our adapter does. Its hosts are fixed, so its requests take a detour to this machine."""

from __future__ import annotations

import base64
import io
import json
import sys
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

import tweepy
from oauthlib.oauth1 import Client as Signer
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

given = json.load(sys.stdin)
picture, film = base64.b64decode(given["picture"]), base64.b64decode(given["film"])
keys = given["keys"]


class Detour(HTTPAdapter):
    """Send to this machine what is meant for X, and say what address was signed."""

    def send(self, request: PreparedRequest, *more: Any, **options: Any) -> Response:
        assert request.url is not None
        meant = urlsplit(request.url)
        request.headers["X-Signed-For"] = request.url
        request.url = f"{given['url']}{meant.path}" + (f"?{meant.query}" if meant.query else "")
        return super().send(request, *more, **options)


def name(case: str) -> None:
    urllib.request.urlopen(f"{given['url']}/--/{case}").read()


client = tweepy.Client(None, *keys)
older = tweepy.API(tweepy.OAuth1UserHandler(*keys))
for session in (client.session, older.session):
    session.mount("https://", Detour())

name("words")
client.create_tweet(text=given["text"], in_reply_to_tweet_id="42", reply_settings="mentionedUsers")
name("poll")
client.create_tweet(text=given["text"], poll_options=given["options"], poll_duration_minutes=1440)
name("quote")
client.create_tweet(text=given["text"], quote_tweet_id="42")
name("picture")
client.create_tweet(text=given["text"], media_ids=["500"])
name("delete")
client.delete_tweet("42")
name("account")
client.get_me(user_fields=given["user fields"])
name("film")
older.chunked_upload("media", file=io.BytesIO(film), file_type="video/mp4", media_category="tweet_video")
name("alt")
older.create_media_metadata("500", given["alt"])

signed = []
for method, url, form in given["signed"]:
    signer = Signer(
        keys[0],
        client_secret=keys[1],
        resource_owner_key=keys[2],
        resource_owner_secret=keys[3],
        nonce=given["nonce"],
        timestamp=str(given["timestamp"]),
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    body = urlencode([(field, value) for field, value in form]) if form else None
    signed.append(signer.sign(url, method, body=body, headers=headers)[1]["Authorization"])
print(json.dumps(signed))
