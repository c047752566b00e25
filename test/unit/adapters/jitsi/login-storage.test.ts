import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { TokenError } from '../../../../src/index.ts';
import { collectReports } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

const storage = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage') as PropertyDescriptor;

// As in a browser that blocks site data.
beforeEach(() => {
  Object.defineProperty(globalThis, 'sessionStorage', {
    configurable: true,
    get() {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  });
});
afterEach(() => Object.defineProperty(globalThis, 'sessionStorage', storage));

/** Who has no token comes from `referrer` and joins; answers where the page was sent, and what was reported. */
async function denied(loginUrl: string, referrer = '') {
  const visits: string[] = [];
  const reports = collectReports();
  vi.spyOn(location, 'assign').mockImplementation((url) => void visits.push(String(url)));
  vi.spyOn(document, 'referrer', 'get').mockReturnValue(referrer);
  onTestFinished(() => void vi.restoreAllMocks());
  const { join, source } = setUp({ adapter: { loginUrl } });
  source.answer = () => Promise.reject(new TokenError('token_denied', 'Not logged in.'));
  await expect(join()).rejects.toMatchObject({ code: 'token_denied' });
  return { visits, reports };
}

test('a join that was let in resolves without storage', async () => {
  const { join, session } = setUp({ adapter: { loginUrl: '/login' } });
  await join();
  expect(session.state).toBe('connected');
});

test.each([
  ['/login', ''],
  ['/login', `${location.origin}/start`],
  ['https://login.example.org/?room={room}', 'https://elsewhere.example.org/'],
])('who has no token is sent to %s without storage', async (loginUrl, referrer) => {
  expect(await denied(loginUrl, referrer)).toEqual({
    visits: [loginUrl.replace('{room}', 'standup')],
    reports: [],
  });
});

test.each([
  ['/login', `${location.origin}/login?ok`],
  ['https://login.example.org/?room={room}', 'https://login.example.org/'],
])('who comes from %s is not sent there again without storage', async (loginUrl, referrer) => {
  expect(await denied(loginUrl, referrer)).toEqual({ visits: [], reports: [] });
});
