"""Serves examples/token-recipes/room_tokens.py for the tests, and prints its address."""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
import room_tokens
from flask import Flask
from werkzeug.serving import make_server

app = Flask(__name__)
secret = os.environ["ROOM_SECRET"]
app.register_blueprint(
    room_tokens.room_tokens(
        secret,
        person_of=lambda request: request.headers.get("x-person"),
        may_join=lambda person, room: person == "ada",
    )
)


@app.post("/all")
def every_token():
    from flask import request

    room, pem = request.json["room"], request.json["pem"]
    return {
        "antMedia": room_tokens.ant_media_token(secret, room),
        "janus": room_tokens.janus_token(pem, room, "ada"),
        "jitsi": room_tokens.jitsi_token(secret, room, "my-app", "meet.example.org", {"id": "ada", "name": "Ada"}),
    }


server = make_server("127.0.0.1", 0, app)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
