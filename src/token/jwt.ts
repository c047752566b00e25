import { jwtDecode } from 'jwt-decode';
import { own } from '../untrusted.ts';

/** The claims of a token as they stand in it, unverified: only the backend can verify them. Times in them are seconds. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a source said beside the token, such as `serverUrl`. */
export type Details = Readonly<Record<string, unknown>>;

/**
 * A token as a value. Only `value` gives the token itself; its string, JSON and console forms are a short fingerprint,
 * so that a token in a log line is no leak. Tokens of less than 32 characters have none: it could lead back to them.
 */
export class Token {
  /** When it ends, in ms since the epoch by the server's clock; `Infinity` where nothing says so. */
  readonly expiresAt: number;
  // A function: a console prints an object's fields, private ones too in some browsers, and a framework's proxy (Vue, MobX)
  // cannot reach a private one.
  declare private readonly secret: () => { value: string; claims: Claims; details: Details; now: number };

  /** @param time the server's, ms since the epoch; default: the local clock's */
  constructor(
    value: string,
    claims: Claims,
    expiresAt: number,
    details: Details = {},
    time: { now(): number } = Date,
  ) {
    this.expiresAt = expiresAt;
    const members = { value, claims: own(claims), details: own(details) };
    const secret = () => ({ ...members, now: time.now() });
    Object.defineProperty(this, 'secret', { value: secret });
  }

  /** The token itself, for the backend only. */
  get value(): string {
    return this.secret().value;
  }

  /** Whether it has ended, by the server's time as well as it can be known. */
  get isExpired(): boolean {
    return this.expiresAt <= this.secret().now;
  }

  /** The token's claims, `{}` for a token that is not a JWT. */
  get claims(): Claims {
    return this.secret().claims;
  }

  /** The rest of the source's answer, such as `serverUrl`. */
  get details(): Details {
    return this.secret().details;
  }

  /** `Token(1a2b3c4d)`: the same token has the same fingerprint, which does not lead back to the token. A short one has none. */
  toString(): string {
    const { value } = this;
    return `Token(${value.length < shortest ? 'short' : fingerprint(value)})`;
  }

  toJSON(): string {
    return this.toString();
  }
}

// What Node's console asks for; a browser's shows fields, of which there is only `expiresAt`.
Object.assign(Token.prototype, { [Symbol.for('nodejs.util.inspect.custom')]: Token.prototype.toString });

/** A secret with fewer characters can be found by trying. */
const shortest = 32;

/** 32 bits: enough to tell tokens apart in a log, far too little to be one. */
function fingerprint(text: string): string {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return hash.toString(16);
}

/** The claims of a JWT, or `{}` for anything else (one-time tokens are opaque). Never throws. */
export function readClaims(value: string): Claims {
  try {
    return own(jwtDecode<Claims>(value));
  } catch {
    return own({});
  }
}
