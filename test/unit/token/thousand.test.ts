// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/**
 * In a process of its own, which may collect garbage: how much heap a refresher takes that holds a token, beyond that
 * token, and which timers 1 000 of them have.
 */
const script = `
  const timers = new Map();
  for (const kind of ['Timeout', 'Interval']) {
    const set = globalThis['set' + kind];
    const clear = globalThis['clear' + kind];
    globalThis['set' + kind] = (callback, ms) => {
      const timer = set(() => { if (kind === 'Timeout') timers.delete(timer); callback(); }, ms);
      timers.set(timer, kind + (kind === 'Interval' ? ms : ''));
      return timer;
    };
    globalThis['clear' + kind] = (timer) => { timers.delete(timer); clear(timer); };
  }
  const { Token, TokenRefresher } = await import('./src/token/index.ts');
  const count = 1000;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const makeToken = (id) => {
    const iat = Math.floor(Date.now() / 1000);
    return part({ alg: 'HS256', typ: 'JWT' }) + '.' + part({ iat, exp: iat + 600, jti: 'token-' + id, room: 'standup' }) + '.' + 's'.repeat(43);
  };
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    for (let turn = 0; turn < 3; turn++) globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  let serial = 0;
  const fetchToken = async () => makeToken(serial++);
  const make = async () => {
    const refresher = new TokenRefresher(fetchToken);
    await refresher.getToken();
    return refresher;
  };
  const warm = await make();
  for (let turn = 0; turn < 2000; turn++) { const one = await make(); one.stop(); }
  const start = await settle();
  const all = [];
  for (let turn = 0; turn < count; turn++) all.push(await make());
  const withRefreshers = await settle();
  const tokens = [];
  for (let turn = 0; turn < count; turn++) {
    const value = makeToken(serial++);
    const claims = JSON.parse(Buffer.from(value.split('.')[1], 'base64url'));
    tokens.push(new Token(value, claims, claims.exp * 1000));
  }
  const withTokens = await settle();
  const pending = [...timers.values()];
  const result = {
    bytes: (withRefreshers - start - (withTokens - withRefreshers)) / count,
    timeouts: pending.filter((kind) => kind === 'Timeout').length,
    others: pending.filter((kind) => kind !== 'Timeout'),
  };
  for (const one of [warm, ...all]) one.stop();
  result.left = timers.size;
  console.log(JSON.stringify(result));
`;

test('1 000 refreshers have a timer each, one clock check for all, and under 2 kB of heap each beyond the token', () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', script];
  const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  expect(result).toMatchObject({ timeouts: 1_001, others: ['Interval15000'], left: 0 });
  expect(result.bytes).toBeLessThan(2_000);
});

test('importing the token part touches no global, and works in plain Node', () => {
  const check = `
    const touched = [];
    for (const name of ['document', 'navigator', 'location', 'history', 'fetch', 'setTimeout', 'setInterval', 'addEventListener', 'localStorage', 'performance', 'Date']) {
      const value = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, { configurable: true, get: () => { touched.push(name); return value?.value; } });
    }
    await import('./src/token/index.ts');
    console.log(JSON.stringify(touched));
  `;
  const args = ['--input-type=module', '--eval', check];
  expect(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))).toEqual([]);
});
