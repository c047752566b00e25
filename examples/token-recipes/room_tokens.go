// Package roomtokens answers POST {"room": "standup"} with a room's token. It needs Go's own packages only.
package roomtokens

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const lifetimeS = 300

// AntMediaToken signs for Ant Media Server, with the application's jwtStreamSecretKey.
func AntMediaToken(secret, room string) (string, error) {
	return hs256(secret, map[string]any{"streamId": room, "type": "publish"})
}

// JitsiToken signs for Jitsi, with Prosody's app_secret.
func JitsiToken(secret, room, appID, domain, userID, name string, moderator bool) (string, error) {
	user := map[string]any{"id": userID, "name": name, "moderator": map[bool]string{true: "true", false: "false"}[moderator]}
	return hs256(secret, map[string]any{
		"iss": appID, "aud": "jitsi", "sub": domain, "room": JitsiRoomClaim(room),
		"nbf": time.Now().Unix() - 10, "context": map[string]any{"user": user},
	})
}

// JitsiRoomClaim is a room's name as Prosody compares it: "Team Büro" is "team%20b%c3%bcro". Where people type names,
// normalize them to NFKC first (golang.org/x/text/unicode/norm).
func JitsiRoomClaim(room string) string {
	return strings.ToLower(strings.ReplaceAll(url.QueryEscape(strings.ToLower(room)), "+", "%20"))
}

// JanusToken signs for Janus with janus-plugin-sfu, which takes RS512 only.
func JanusToken(key *rsa.PrivateKey, room, identity string, mayKick bool) (string, error) {
	claims := map[string]any{"join_hub": true, "kick_users": mayKick, "room_ids": []string{room}, "sub": identity}
	return sign("RS512", claims, func(text []byte) ([]byte, error) {
		sum := sha512.Sum512(text)
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, sum[:])
	})
}

func hs256(secret string, claims map[string]any) (string, error) {
	if len(secret) < 32 {
		return "", errors.New("the secret needs 32 bytes or more")
	}
	return sign("HS256", claims, func(text []byte) ([]byte, error) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(text)
		return mac.Sum(nil), nil
	})
}

func sign(alg string, claims map[string]any, signature func([]byte) ([]byte, error)) (string, error) {
	claims["iat"] = time.Now().Unix()
	claims["exp"] = time.Now().Unix() + lifetimeS
	parts := make([]string, 0, 3)
	for _, part := range []any{map[string]string{"alg": alg, "typ": "JWT"}, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	bytes, err := signature([]byte(strings.Join(parts, ".")))
	return strings.Join(append(parts, base64.RawURLEncoding.EncodeToString(bytes)), "."), err
}

// Handler is yours to complete: personOf says who is logged in ("" for no one), mayJoin who may join what.
func Handler(secret string, personOf func(*http.Request) string, mayJoin func(person, room string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		answer := func(status int, body any) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(body)
		}
		var asked struct{ Room string }
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
		person := personOf(r)
		switch {
		case r.Method != http.MethodPost:
			answer(http.StatusMethodNotAllowed, map[string]string{"error": "post_only"})
		case person == "":
			answer(http.StatusUnauthorized, map[string]string{"error": "not_logged_in"})
		case decoder.Decode(&asked) != nil || strings.TrimSpace(asked.Room) == "" || len(asked.Room) > 200 || strings.Contains(asked.Room, "*"):
			answer(http.StatusBadRequest, map[string]string{"error": "no_room"})
		case !mayJoin(person, asked.Room):
			answer(http.StatusForbidden, map[string]string{"error": "not_invited"})
		default:
			token, err := AntMediaToken(secret, asked.Room)
			if err != nil {
				answer(http.StatusInternalServerError, map[string]string{"error": "not_signed"})
				return
			}
			answer(http.StatusOK, map[string]any{"token": token, "expiresIn": lifetimeS})
		}
	})
}
