// @vitest-environment node
import { expect, test } from 'vitest';
import { TokenError } from '../../src/index.ts';
import { fakeDevices } from './adapters/fake-devices.ts';
import { expectNothingLeft, outcome, setUp } from './session-stage.ts';

/** A session whose preparations are counted. */
function setUpPrepared() {
  const devices = fakeDevices();
  const stage = setUp();
  let prepared = 0;
  Object.assign(stage.adapter, { localMedia: {} });
  stage.adapter.onPrepare = () => void prepared++;
  return {
    ...stage,
    ...setUp({ adapter: stage.adapter, tokenSource: () => stage.issue() }),
    stage,
    devices,
    preparedTimes: () => prepared,
  };
}

test('the next join of the room uses what was prepared', async () => {
  const { session, stage, devices, preparedTimes } = setUpPrepared();
  await session.prepare('standup');
  expect(session.state).toBe('disconnected');
  expect(session.localStream).toBeDefined();
  await session.prepare('standup');
  await session.join('standup');
  expect(preparedTimes()).toBe(1);
  expect(stage.issued).toHaveLength(1);
  expect(devices.asked).toHaveLength(1);
  await session.leave();
  expect(devices.track('video').readyState).toBe('ended');
});

test.each(['another join', 'leave'])('what was prepared is freed by %s', async (what) => {
  const { session, devices, preparedTimes, clock } = setUpPrepared();
  await session.prepare('standup');
  const camera = devices.track('video');
  if (what === 'leave') await session.leave();
  else await session.join('retro');
  expect(camera.readyState).toBe('ended');
  expect(preparedTimes()).toBe(what === 'leave' ? 1 : 2);
  await session.leave();
  expect(clock.timerCount).toBe(0);
});

test('a join that comes while it is prepared waits for it', async () => {
  const { session, preparedTimes } = setUpPrepared();
  const preparing = outcome(session.prepare('standup'));
  await session.join('standup');
  expect(preparing).toEqual({ done: true });
  expect(preparedTimes()).toBe(1);
});

test('a failure frees everything, and the next join tries again', async () => {
  const stage = setUp({
    tokenSource: () => {
      throw new TokenError('token_denied', 'No.');
    },
  });
  await expect(stage.session.prepare('standup')).rejects.toMatchObject({ code: 'token_denied' });
  expectNothingLeft(stage);
  await expect(stage.session.join('standup')).rejects.toMatchObject({ code: 'token_denied' });
});

test('it is an error while joined, and with no room', async () => {
  const { session } = setUp();
  await expect(session.prepare('')).rejects.toMatchObject({ code: 'invalid_argument' });
  await session.join('standup');
  await expect(session.prepare('standup')).rejects.toMatchObject({ code: 'invalid_state' });
});
