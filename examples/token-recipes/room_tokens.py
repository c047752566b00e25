"""Room tokens with Flask. pip install flask "pyjwt[crypto]" """

import time
import unicodedata
from urllib.parse import quote

import jwt
from flask import Blueprint, jsonify, request

LIFETIME_S = 300


def ant_media_token(secret: str, room: str) -> str:
    return sign({"streamId": room, "type": "publish"}, secret_key(secret), "HS256")


def janus_token(private_key_pem: str, room: str, identity: str, may_kick: bool = False) -> str:
    claims = {"join_hub": True, "kick_users": may_kick, "room_ids": [room], "sub": identity}
    return sign(claims, private_key_pem, "RS512")


def jitsi_token(secret: str, room: str, app_id: str, domain: str, user: dict, moderator: bool = False) -> str:
    context = {"user": {**user, "moderator": str(moderator).lower()}}
    claims = {"iss": app_id, "aud": "jitsi", "sub": domain, "room": jitsi_room_claim(room), "context": context}
    return sign({**claims, "nbf": int(time.time()) - 10}, secret_key(secret), "HS256")


def jitsi_room_claim(room: str) -> str:
    """A room's name as Prosody compares it: "Team Büro" is "team%20b%c3%bcro"."""
    return quote(unicodedata.normalize("NFKC", room).lower(), safe="-_.~!*'()").lower()


def sign(claims: dict, key, algorithm: str) -> str:
    now = int(time.time())
    return jwt.encode({**claims, "iat": now, "exp": now + LIFETIME_S}, key, algorithm=algorithm)


def secret_key(secret: str) -> bytes:
    key = secret.encode()
    if len(key) < 32:
        raise ValueError("The secret needs 32 bytes or more.")
    return key


def room_tokens(secret: str, person_of, may_join) -> Blueprint:
    """Yours: person_of(request) is who is logged in, or None; may_join(person, room) is who may join what."""
    blueprint = Blueprint("room_tokens", __name__)

    @blueprint.post("/api/room-token")
    def answer():
        person = person_of(request)
        if person is None:
            return {"error": "not_logged_in"}, 401
        body = request.get_json(silent=True)
        room = body.get("room") if isinstance(body, dict) else None
        if not isinstance(room, str) or not 0 < len(room) <= 200 or not room.strip() or "*" in room:
            return {"error": "no_room"}, 400
        if not may_join(person, room):
            return {"error": "not_invited"}, 403
        response = jsonify(token=ant_media_token(secret, room), expiresIn=LIFETIME_S)
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint
