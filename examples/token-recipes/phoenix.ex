# Room tokens in Phoenix, signed with JOSE: {:jose, "~> 1.11"} in mix.exs. Guardian's default, HS512, is taken by none of
# the three servers.
defmodule MyApp.RoomTokens do
  @lifetime_s 300

  def ant_media(secret, room), do: hs256(secret, %{"streamId" => room, "type" => "publish"})

  # Janus with janus-plugin-sfu takes RS512 only.
  def janus(private_key_pem, room, identity, may_kick \\ false) do
    claims = %{"join_hub" => true, "kick_users" => may_kick, "room_ids" => [room], "sub" => identity}
    sign(JOSE.JWK.from_pem(private_key_pem), "RS512", claims)
  end

  def jitsi(secret, room, app_id, domain, user, moderator \\ false) do
    context = %{"user" => Map.put(user, "moderator", to_string(moderator))}
    claims = %{"iss" => app_id, "aud" => "jitsi", "sub" => domain, "room" => jitsi_room_claim(room), "context" => context}
    hs256(secret, Map.put(claims, "nbf", System.os_time(:second) - 10))
  end

  # A room's name as Prosody compares it: "Team Büro" is "team%20b%c3%bcro".
  def jitsi_room_claim(room) do
    room |> String.normalize(:nfkc) |> String.downcase() |> URI.encode(&URI.char_unreserved?/1) |> String.downcase()
  end

  # Whether this is one room: text, and no pattern.
  def valid_room?(room), do: is_binary(room) and byte_size(room) in 1..200 and String.trim(room) != "" and not String.contains?(room, "*")

  def lifetime_s, do: @lifetime_s

  defp hs256(secret, claims) when byte_size(secret) >= 32, do: sign(JOSE.JWK.from_oct(secret), "HS256", claims)

  defp sign(jwk, alg, claims) do
    now = System.os_time(:second)
    claims = Map.merge(claims, %{"iat" => now, "exp" => now + @lifetime_s})
    {_, token} = JOSE.JWT.sign(jwk, %{"alg" => alg, "typ" => "JWT"}, claims) |> JOSE.JWS.compact()
    token
  end
end

# Yours: MyApp.Rooms.may_join?(user, room), and conn.assigns.current_user of your login.
defmodule MyApp.RoomAccess do
  alias MyApp.RoomTokens

  def token_for(user, room) do
    cond do
      is_nil(user) -> {:error, :not_logged_in}
      not RoomTokens.valid_room?(room) -> {:error, :no_room}
      not MyApp.Rooms.may_join?(user, room) -> {:error, :not_invited}
      true -> {:ok, %{token: RoomTokens.ant_media(secret(), room), expiresIn: RoomTokens.lifetime_s()}}
    end
  end

  defp secret, do: Application.fetch_env!(:my_app, :room_secret)
end

# REST: post "/api/room-token", RoomTokenController, :create
defmodule MyAppWeb.RoomTokenController do
  use MyAppWeb, :controller

  @statuses %{not_logged_in: 401, no_room: 400, not_invited: 403}

  def create(conn, params) do
    conn = put_resp_header(conn, "cache-control", "no-store")

    case MyApp.RoomAccess.token_for(conn.assigns[:current_user], params["room"]) do
      {:ok, answer} -> json(conn, answer)
      {:error, reason} -> conn |> put_status(@statuses[reason]) |> json(%{error: reason})
    end
  end
end

# GraphQL, with Absinthe: field :room_token, :room_token { arg :room, non_null(:string); resolve &MyAppWeb.RoomTokenResolver.resolve/2 }
defmodule MyAppWeb.RoomTokenResolver do
  def resolve(%{room: room}, %{context: context}) do
    case MyApp.RoomAccess.token_for(context[:current_user], room) do
      {:ok, answer} -> {:ok, answer}
      {:error, reason} -> {:error, message: "No token: #{reason}", extensions: %{code: "FORBIDDEN"}}
    end
  end
end

# A channel: the socket has authenticated the person in connect/3.
defmodule MyAppWeb.RoomTokenChannel do
  use MyAppWeb, :channel

  def join("room_tokens", _payload, socket), do: {:ok, socket}

  def handle_in("room_token", payload, socket) do
    case MyApp.RoomAccess.token_for(socket.assigns[:current_user], payload["room"]) do
      {:ok, answer} -> {:reply, {:ok, answer}, socket}
      {:error, reason} -> {:reply, {:error, %{reason: reason}}, socket}
    end
  end
end
