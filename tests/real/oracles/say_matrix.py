"""matrix-nio, asked how it would write what our adapter sends: its builder of requests needs no server."""

from __future__ import annotations

import json
import sys

from nio.api import Api, MessageDirection

given = json.load(sys.stdin)
token, room, event = given["token"], given["room"], given["event"]
built = {
    "send": Api.room_send(token, room, "m.room.message", given["content"], given["key"]),
    "redact": Api.room_redact(token, room, event, given["redaction"]),
    "upload": Api.upload(token, "picture.png"),
    "event": Api.room_get_event(token, room, event),
    "messages": Api.room_messages(
        token, room, direction=MessageDirection.back, limit=int(given["limit"]), message_filter=given["filter"]
    ),
    "members": Api.joined_members(token, room),
    "alias": Api.room_resolve_alias(given["alias"]),
    "who": Api.whoami(token),
}
print(json.dumps({name: [*said, ""][:3] for name, said in built.items()}))
