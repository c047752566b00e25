import { expect, onTestFinished, test } from 'vitest';
import { RoomSession, type TokenAnswer } from '../../src/index.ts';
import { FakeAdapter, FakeClock } from '../../src/testing/index.ts';
import { outcome } from './session-stage.ts';

function setUp(answers: TokenAnswer[]) {
  const clock = new FakeClock();
  const adapter = new FakeAdapter();
  const session = new RoomSession({ adapter, tokenSource: () => answers.shift() ?? null, clock });
  const failures: string[] = [];
  session.on('attemptFailed', ({ error }) => failures.push(error.message));
  onTestFinished(() => session.leave());
  return { clock, adapter, session, failures };
}

test('a rejection says why in the backend’s own words', async () => {
  const { adapter, session, clock, failures } = setUp(['one', 'two']);
  adapter.onConnect = (attempt) => attempt.rejected('bad_token', 'expired 3 s ago');
  const join = outcome(session.join('standup'));
  await clock.advance(1_000);
  expect(failures).toEqual(['The backend (fake) rejected the token (bad_token: expired 3 s ago).']);
  expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: 'bad_token' });
  expect(String(join.error)).toContain(
    'rejected a new token too (bad_token: expired 3 s ago). Check the token',
  );
});

test('a guest’s rejection does not count: the first token that follows may be rejected too', async () => {
  const { adapter, session, clock } = setUp([null, 'one', 'two']);
  adapter.rejects = (token) => token?.value !== 'two';
  const join = outcome(session.join('standup'));
  await clock.advance(2_000);
  expect(join).toEqual({ done: true });
  expect(adapter.tokens.map((token) => token?.value)).toContain('one');
});

test('a guest who is rejected again and again is denied, for there is no token', async () => {
  const { adapter, session, clock } = setUp([]);
  adapter.rejects = () => true;
  const join = outcome(session.join('standup'));
  await clock.advance(2_000);
  expect(join.error).toMatchObject({ code: 'connect_denied', vendorCode: 'fake_rejection' });
  expect(adapter.attempts).toHaveLength(1);
});

test('a deadline that is over ends with the advice of the adapter', async () => {
  const { adapter, session, clock, failures } = setUp(['one']);
  adapter.onConnect = (attempt) =>
    attempt.setDeadline(2_000, 'gave no sign of life', 'Check the content security policy.');
  outcome(session.join('standup'));
  await clock.advance(2_000);
  expect(failures).toEqual([
    'The backend (fake) gave no sign of life within 2 s. Check the content security policy.',
  ]);
});
