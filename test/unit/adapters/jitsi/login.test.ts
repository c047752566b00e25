import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { TokenError } from '../../../../src/index.ts';
import { type StageOptions, setUp } from './jitsi-stage.ts';

beforeEach(() => sessionStorage.clear());

/** A session, and where the page was sent. */
function setUpPage(loginUrl: string | ((room: string) => string) | undefined, more: StageOptions = {}) {
  const before = location.href;
  location.href = 'https://app.example.org/call?room=Stand%20Up';
  const visits: string[] = [];
  vi.spyOn(location, 'assign').mockImplementation((url) => visits.push(String(url)));
  onTestFinished(() => {
    vi.restoreAllMocks();
    location.href = before;
  });
  return { ...setUp({ ...more, adapter: { loginUrl }, claims: { room: '*' } }), visits };
}

const deny = () => Promise.reject(new TokenError('token_denied', 'Not logged in.'));

test('who has no token is sent to the login page, with the room and the way back', async () => {
  const { join, source, visits } = setUpPage('https://login.example.org/?room={room}&back={url}');
  source.answer = deny;
  await expect(join('Stand Up')).rejects.toMatchObject({ code: 'token_denied' });
  expect(visits).toEqual([
    'https://login.example.org/?room=Stand%20Up&back=https%3A%2F%2Fapp.example.org%2Fcall%3Froom%3DStand%2520Up',
  ]);
});

test('a function says where the login page is', async () => {
  const { join, source, visits } = setUpPage((room) => `/login/${room}`);
  source.answer = deny;
  await expect(join()).rejects.toThrow();
  expect(visits).toEqual(['/login/standup']);
});

test('whose token is refused for good is sent there', async () => {
  const { join, server, visits } = setUpPage('/login');
  server.login = () => 'refused';
  await expect(join()).rejects.toMatchObject({ code: 'connect_denied' });
  expect(visits).toEqual(['/login']);
});

test('a guest whom the meeting does not let in without a token is sent there', async () => {
  const { join, server, source, visits } = setUpPage('/login');
  source.answer = () => null;
  server.login = () => 'refused';
  await expect(join()).rejects.toMatchObject({ code: 'connect_denied' });
  expect(visits).toEqual(['/login']);
});

test('whose token is denied in the middle of a call is sent there', async () => {
  const { join, server, source, pass, visits } = setUpPage('/login');
  await join();
  source.answer = deny;
  server.frame.refuse();
  // A denial during a stay is confirmed a minute later.
  await pass(70_000);
  expect(visits).toEqual(['/login']);
});

test('nobody is sent there twice in a row, but again after having been in the room', async () => {
  const { join, server, session, visits, pass } = setUpPage('/login');
  server.login = () => 'refused';
  await expect(join()).rejects.toThrow();
  await expect(join()).rejects.toThrow();
  expect(visits).toHaveLength(1);
  await expect(join()).rejects.toThrow();
  expect(visits).toHaveLength(2);
  server.login = () => 'in';
  await join();
  const left = session.leave();
  await pass(0);
  await left;
  server.login = () => 'refused';
  await expect(join()).rejects.toThrow();
  expect(visits).toHaveLength(3);
});

test.each<[string, Parameters<typeof setUpPage>[0], (stage: ReturnType<typeof setUpPage>) => void]>([
  ['without the option', undefined, ({ source }) => (source.answer = deny)],
  ['for a denial of another kind', '/login', ({ server }) => (server.login = () => 'not-allowed')],
])('nobody is sent there %s', async (_what, loginUrl, prepare) => {
  const stage = setUpPage(loginUrl);
  prepare(stage);
  await expect(stage.join()).rejects.toThrow();
  expect(stage.visits).toEqual([]);
});

test('nobody is sent there by leaving', async () => {
  const { join, session, pass, visits } = setUpPage('/login');
  await join();
  const left = session.leave();
  await pass(0);
  await left;
  expect(visits).toEqual([]);
});
