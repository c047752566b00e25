import { describe, expect, test } from 'vitest';
import { settle } from '../../../src/testing/fake-clock.ts';
import { TokenError } from '../../../src/token/index.ts';
import { hours, minutes, setUp, watch } from './support.ts';

const deny = () => Promise.reject(new TokenError('token_denied', 'No.', { status: 403 }));

/** A refresher with a token, whose source answers the next requests like this, and then with new tokens. */
async function setUpWithToken(...answers: (() => Promise<never>)[]) {
  const all = setUp();
  const { server, refresher } = all;
  const first = await refresher.getToken();
  server.answer = () => (answers.shift() ?? (() => server.token()))();
  return { ...all, first };
}

describe('a denial', () => {
  test('of the first token is final at once', async () => {
    const { clock, server, refresher, failures } = setUp();
    server.answer = deny;
    await expect(refresher.getToken()).rejects.toMatchObject({ code: 'token_denied' });
    await clock.advance(hours(3));
    expect(failures.map(({ retryAt }) => retryAt)).toEqual([undefined]);
    expect(server.requests).toHaveLength(1);
  });

  test('at a refresh is asked about once more, a minute later, and does nothing where a token comes', async () => {
    const { clock, server, refresher, failures, arrivals } = await setUpWithToken(deny);
    await clock.advance(minutes(7.5));
    const [, denied] = server.requests;
    expect(failures).toMatchObject([{ error: { code: 'token_denied' }, attempt: 1 }]);
    expect(failures[0]!.retryAt).toBe(clock.now() - clock.monotonic() + denied!.at + minutes(1));
    await clock.advance(minutes(1));
    expect(server.requests[2]!.at).toBe(denied!.at + minutes(1));
    expect(arrivals.at(-1)).toMatchObject({ reason: 'refresh', attempts: 2 });
    await clock.advance(hours(1));
    expect(refresher.current).toBeDefined();
    expect(failures).toHaveLength(1);
  });

  test('is final when the second answer says so too', async () => {
    const { clock, server, refresher, failures, first } = await setUpWithToken(deny, deny);
    await clock.advance(minutes(9));
    expect(refresher.current).toBe(first);
    expect(failures.map(({ retryAt }) => retryAt !== undefined)).toEqual([true, false]);
    await clock.advance(hours(3));
    expect(server.requests).toHaveLength(3);
    await expect(refresher.getToken()).rejects.toMatchObject({ code: 'token_denied' });
  });

  test.each(['online', 'visible', 'slept'] as const)('is not confirmed sooner: %s', async (reason) => {
    const { clock, server } = await setUpWithToken(deny);
    await clock.advance(minutes(6.8));
    expect(server.requests).toHaveLength(2);
    await clock.wake(reason);
    await clock.advance(5_000);
    expect(server.requests).toHaveLength(2);
  });

  test('is confirmed as soon as a caller needs another token', async () => {
    const { clock, server, refresher, first } = await setUpWithToken(deny, deny);
    await clock.advance(minutes(6.8));
    expect(await refresher.getToken()).toBe(first);
    expect(server.requests).toHaveLength(2);
    const token = watch(refresher.getToken({ rejected: first }));
    await clock.advance(1_000);
    expect(token.error).toMatchObject({ code: 'token_denied', status: 403 });
    expect(server.requests).toHaveLength(3);
  });

  test('is no error for a caller before it is confirmed', async () => {
    const { clock, server, refresher, first } = await setUpWithToken(deny);
    const impatient = watch(refresher.getToken({ rejected: first, waitMs: 5_000 }));
    const patient = watch(refresher.getToken({ rejected: first, waitMs: minutes(2) }));
    await clock.advance(5_000);
    expect(impatient.error).toMatchObject({ code: 'token_unavailable' });
    await clock.advance(minutes(1));
    expect(patient.value).toBe(refresher.current);
    expect(server.requests).toHaveLength(3);
  });

  test('is not forgotten over a failure of another kind', async () => {
    const unavailable = () => Promise.reject(new TokenError('token_unavailable', 'Busy.', { status: 503 }));
    const { clock, server, failures } = await setUpWithToken(deny, unavailable, deny);
    await clock.advance(hours(3));
    expect(failures.map(({ error }) => error.status)).toEqual([403, 503, 403]);
    expect(server.requests).toHaveLength(4);
  });
});

describe('renew()', () => {
  test('asks again after a final denial', async () => {
    const { clock, server, refresher, arrivals } = await setUpWithToken(deny, deny);
    await clock.advance(hours(1));
    expect(refresher.current).toBeUndefined();
    refresher.renew();
    await settle();
    expect(refresher.current).toBeDefined();
    expect(arrivals.at(-1)).toMatchObject({ reason: 'refresh', attempts: 1 });
    await clock.advance(hours(1));
    expect(server.requests.length).toBeGreaterThan(8);
    refresher.stop();
  });

  test('asks for another token while one is good, which stays until the new one is there', async () => {
    const { clock, server, refresher, first } = await setUpWithToken();
    server.answer = async ({ at }) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 1_000));
      return server.token({ jti: at });
    };
    await clock.advance(minutes(1));
    refresher.renew();
    expect(refresher.current).toBe(first);
    await clock.advance(1_000);
    expect(refresher.current).not.toBe(first);
    expect(server.requests).toHaveLength(2);
  });

  test('keeps to Retry-After, and does nothing after stop()', async () => {
    const busy = () =>
      Promise.reject(new TokenError('token_unavailable', 'Busy.', { retryAfterMs: minutes(5) }));
    const { clock, server, refresher } = await setUpWithToken(busy);
    refresher.renew();
    await clock.advance(1_000);
    refresher.renew();
    await clock.advance(minutes(4));
    expect(server.requests).toHaveLength(2);
    refresher.stop();
    refresher.renew();
    await clock.advance(hours(1));
    expect([server.requests.length, clock.timerCount]).toEqual([2, 0]);
  });
});
