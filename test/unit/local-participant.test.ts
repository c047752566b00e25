// @vitest-environment node
import { expect, test } from 'vitest';
import type { Metadata } from '../../src/index.ts';
import { setUp } from './session-stage.ts';

const canMute = { setMicrophone() {}, setCamera() {} };

test('we are a participant from the first connected on, with our own id and name', async () => {
  const { session, adapter } = setUp({ identity: 'ada', name: 'Ada' });
  adapter.onConnect = (attempt) => {
    expect(attempt.me).toEqual({
      name: 'Ada',
      metadata: undefined,
      microphone: true,
      camera: true,
      screen: false,
    });
    expect(session.localParticipant).toBeUndefined();
    attempt.connected('connected', 'stream-7');
  };
  await session.join('standup');
  const me = session.localParticipant;
  expect(me).toEqual({
    id: 'stream-7',
    identity: 'ada',
    name: 'Ada',
    microphone: true,
    camera: true,
    screen: false,
  });
  expect(session.localParticipant).toBe(me);
  await session.leave();
  expect(session.localParticipant).toBeUndefined();
});

test('the name of the join comes before that of the session, and the identity is the last resort', async () => {
  const { session } = setUp({ name: 'Ada' });
  await session.join('standup', { identity: 'al', name: 'Alan' });
  expect(session.localParticipant).toEqual({
    ...{ id: 'al', identity: 'al', name: 'Alan', microphone: true, camera: true, screen: false },
  });
  await session.leave();
  const { session: other } = setUp();
  await other.join('standup', { identity: 'bob' });
  expect(other.localParticipant?.name).toBe('bob');
});

test('the others are told of us at each connection, and at each change', async () => {
  const { session, adapter, clock } = setUp({ identity: 'ada' });
  Object.assign(adapter, canMute);
  session.setMetadata({ hand: true });
  await session.join('standup');
  await session.setMicrophone(false);
  await session.setMicrophone(false);
  session.setMetadata({ hand: false });
  adapter.drop();
  await clock.advance(1_000);
  const all = { name: 'ada', microphone: false, camera: true, screen: false };
  expect(adapter.announced).toEqual([
    { ...all, microphone: true, metadata: { hand: true } },
    { ...all, metadata: { hand: true } },
    { ...all, metadata: { hand: false } },
    { ...all, metadata: { hand: false } },
  ]);
});

test('a change of ourselves is an event of its own', async () => {
  const { session, adapter, named } = setUp({ identity: 'ada' });
  Object.assign(adapter, canMute);
  await session.join('standup');
  await session.setCamera(false);
  session.setMetadata({ hand: true });
  expect(named('localParticipantUpdated')).toMatchObject([
    { camera: true },
    { camera: false },
    { camera: false, metadata: { hand: true } },
  ]);
});

test('we speak as others do', async () => {
  const { session, adapter, named } = setUp({ identity: 'ada' });
  await session.join('standup');
  adapter.attempt.participantJoined({ id: 'bob' });
  adapter.attempt.speakers(['ada']);
  expect(session.localParticipant?.speaking).toBe(true);
  adapter.attempt.speakers(['bob', 'ada']);
  expect(named('speakersChanged').map(({ speakers }) => speakers.map(({ id }) => id))).toEqual([
    ['ada'],
    ['bob', 'ada'],
  ]);
});

test.each([undefined, 'text', ['a'], 7, { big: 1n }])(
  'metadata must be an object for JSON, not %s',
  (given) => {
    const { session } = setUp();
    expect(() => session.setMetadata(given as unknown as Metadata)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  },
);

test('metadata is an error where the adapter cannot tell it', () => {
  const { adapter } = setUp();
  const silent = { name: 'silent', connect: adapter.connect.bind(adapter) };
  const { session } = setUp({ adapter: silent });
  expect(() => session.setMetadata({})).toThrow(expect.objectContaining({ code: 'invalid_state' }));
});
