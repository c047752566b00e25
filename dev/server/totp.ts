import { createHmac } from 'node:crypto';

/** What a code is made out for. */
export interface CodeGrant {
  readonly subscriberId: string;
  readonly streamId: string;
  readonly type: string;
}

/**
 * The code of a subscriber at a time, by the rules of Ant Media Server: RFC 6238 with HMAC-SHA1 and 6 digits. The key is
 * the application's secret with what the code is for behind it, filled up with X to a multiple of 8. The server writes
 * it in Base32, and the app's backend reads that back.
 *
 * @param at ms since the epoch
 */
export function totpCode(
  secret: string,
  { subscriberId, streamId, type }: CodeGrant,
  periodS: number,
  at: number,
): string {
  const text = `${secret}${subscriberId}${streamId}${type}`;
  const key = text.padEnd(Math.ceil(text.length / 8) * 8, 'X');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 1000 / periodS)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0xf;
  const number = (hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, '0');
}
