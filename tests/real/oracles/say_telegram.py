"""python-telegram-bot, told to do what our adapter does."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import urllib.request
from typing import Any

from telegram import (
    Bot,
    InputMediaPhoto,
    InputMediaVideo,
    InputPollOption,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

given = json.load(sys.stdin)
picture, chat = base64.b64decode(given["picture"]), "@lumenvelo"


def name(case: str) -> None:
    urllib.request.urlopen(f"{given['url']}/--/{case}").read()


def in_utf16(text: str, links: list[Any]) -> list[MessageEntity]:
    """Return links whose place is said in characters, as the library counts them for Telegram."""
    plain = [MessageEntity("text_link", begin, end - begin, url=url) for begin, end, url in links]
    return list(MessageEntity.adjust_message_entities_to_utf_16(text, plain))


async def say(bot: Bot) -> None:
    entities = in_utf16(given["text"], given["links"])
    name("words")
    await bot.send_message(
        chat,
        given["text"],
        entities=entities,
        message_thread_id=7,
        reply_parameters=ReplyParameters(41, allow_sending_without_reply=False),
        disable_notification=True,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(url=given["links"][0][2], prefer_large_media=True),
    )
    name("bare")
    await bot.send_message(chat, "Hello", link_preview_options=LinkPreviewOptions(is_disabled=True))
    name("picture")
    await bot.send_photo(
        chat, picture, caption=given["text"], caption_entities=entities, has_spoiler=True, filename="photo.png"
    )
    name("animation")
    await bot.send_animation(chat, picture, caption=given["text"], caption_entities=entities, width=1, height=1)
    name("film")
    await bot.send_video(chat, picture, caption="Film", supports_streaming=True, width=1280, height=720)
    name("album")
    first = InputMediaPhoto(picture, caption=given["text"], caption_entities=entities)
    await bot.send_media_group(chat, [first, InputMediaVideo(picture, supports_streaming=True)])
    name("poll")
    await bot.send_poll(
        chat,
        given["question"],
        [InputPollOption(option) for option in given["options"]],
        is_anonymous=True,
        allows_multiple_answers=True,
        open_period=86_400,
    )
    name("delete")
    await bot.delete_messages(-1001234567890, [41, 42])
    for case, call in (("getMe", bot.get_me), ("getChat", None), ("getChatMemberCount", None)):
        name(case)
        await (
            call() if call else {"getChat": bot.get_chat, "getChatMemberCount": bot.get_chat_member_count}[case](chat)
        )


asyncio.run(say(Bot(given["token"], base_url=f"{given['url']}/bot")))
counted = [[[e.offset, e.length] for e in in_utf16(text, links)] for text, links in given["texts"]]
print(json.dumps(counted))
