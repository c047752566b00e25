<?php
// Room tokens in PHP 8, without a library. Jitsi names need ext-intl and ext-mbstring, Janus needs ext-openssl.
declare(strict_types=1);

const LIFETIME_S = 300;

function antMediaToken(string $secret, string $room): string
{
    return hs256($secret, ['streamId' => $room, 'type' => 'publish']);
}

function jitsiToken(string $secret, string $room, string $appId, string $domain, array $user, bool $moderator = false): string
{
    $context = ['user' => [...$user, 'moderator' => $moderator ? 'true' : 'false']];
    $claims = ['iss' => $appId, 'aud' => 'jitsi', 'sub' => $domain, 'room' => jitsiRoomClaim($room)];
    return hs256($secret, [...$claims, 'nbf' => time() - 10, 'context' => $context]);
}

/** A room's name as Prosody compares it: "Team Büro" is "team%20b%c3%bcro". */
function jitsiRoomClaim(string $room): string
{
    return strtolower(rawurlencode(mb_strtolower(Normalizer::normalize($room, Normalizer::FORM_KC))));
}

/** Janus with janus-plugin-sfu takes RS512 only. */
function janusToken(string $privateKeyPem, string $room, string $identity, bool $mayKick = false): string
{
    $claims = ['join_hub' => true, 'kick_users' => $mayKick, 'room_ids' => [$room], 'sub' => $identity];
    return sign('RS512', $claims, function (string $text) use ($privateKeyPem): string {
        openssl_sign($text, $signature, $privateKeyPem, OPENSSL_ALGO_SHA512) or throw new RuntimeException('Not signed.');
        return $signature;
    });
}

function hs256(string $secret, array $claims): string
{
    if (strlen($secret) < 32) {
        throw new InvalidArgumentException('The secret needs 32 bytes or more.');
    }
    return sign('HS256', $claims, fn(string $text) => hash_hmac('sha256', $text, $secret, true));
}

function sign(string $alg, array $claims, callable $signature): string
{
    $encode = fn(string $bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $claims += ['iat' => time(), 'exp' => time() + LIFETIME_S];
    $text = $encode(json_encode(['alg' => $alg, 'typ' => 'JWT'])) . '.' . $encode(json_encode($claims));
    return $text . '.' . $encode($signature($text));
}

/** Yours: $person is who is logged in, or null; $mayJoin($person, $room) is who may join what. */
function answerRoomToken(string $secret, ?string $person, callable $mayJoin): void
{
    $body = json_decode(file_get_contents('php://input'), true);
    $room = is_array($body) ? ($body['room'] ?? null) : null;
    [$status, $answer] = match (true) {
        $person === null => [401, ['error' => 'not_logged_in']],
        !is_string($room) || trim($room) === '' || strlen($room) > 200 || str_contains($room, '*') => [400, ['error' => 'no_room']],
        !$mayJoin($person, $room) => [403, ['error' => 'not_invited']],
        default => [200, ['token' => antMediaToken($secret, $room), 'expiresIn' => LIFETIME_S]],
    };
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode($answer);
}
