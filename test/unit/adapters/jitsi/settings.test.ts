import { describe, expect, test } from 'vitest';
import { outcome } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

const fatal = 'conference.iceFailed';

describe.each([
  ['setMicrophone', 'audio', 'toggleAudio', 'startWithAudioMuted'],
  ['setCamera', 'video', 'toggleVideo', 'startWithVideoMuted'],
] as const)('%s', (method, kind, toggle, config) => {
  test('is absolute: it toggles only where the page is not there yet', async () => {
    const { join, session, server } = setUp();
    await join();
    await session[method](true);
    expect(server.frame.commands).toEqual([]);
    await session[method](false);
    await session[method](false);
    expect(server.frame.commands).toEqual([[toggle]]);
    expect(server.frame.muted[kind]).toBe(true);
  });

  test('knows what the person did inside the frame', async () => {
    const { join, session, server } = setUp();
    await join();
    server.frame.mute(kind, true);
    await session[method](false);
    expect(server.frame.commands).toEqual([]);
  });

  test('called many times at once ends as the last one says', async () => {
    const { join, session, server } = setUp();
    await join();
    await Promise.all([false, true, false, true, false].map((on) => session[method](on)));
    expect(server.frame.muted[kind]).toBe(true);
    await Promise.all([true, false, true].map((on) => session[method](on)));
    expect(server.frame.muted[kind]).toBe(false);
  });

  test('before the join is how the frame starts', async () => {
    const { join, session, server } = setUp({ adapter: { configOverwrite: { [config]: false } } });
    await session[method](false);
    await join();
    expect(server.frame.options.configOverwrite).toMatchObject({ [config]: true });
    expect(server.frame.muted[kind]).toBe(true);
  });

  test('while the frame loads counts when it is in the room', async () => {
    const { session, server, pass } = setUp();
    server.login = () => 'silent';
    const join = session.join('standup');
    await pass(0);
    await session[method](false);
    server.frame.enter();
    await join;
    await pass(0);
    expect(server.frame.muted[kind]).toBe(true);
  });

  test('holds over a re-creation', async () => {
    const { join, server, pass } = setUp();
    await join();
    server.frame.mute(kind, true);
    server.frame.fail(fatal, { isFatal: true });
    await pass(3_000);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.options.configOverwrite).toMatchObject({ [config]: true });
    expect(server.frame.muted).toEqual({ audio: false, video: false, [kind]: true });
    expect(server.frame.commands).toEqual([]);
  });

  test('settles when the room is left in the middle of it', async () => {
    const { join, session, server, pass, open } = setUp();
    await join();
    server.answers = false;
    const done = outcome(session[method](false));
    const left = session.leave();
    await pass(0);
    await left;
    expect(done).toEqual({ done: true });
    expect(open()).toEqual([]);
  });
});

describe('over a re-creation', () => {
  test('name, devices and tile view are as the person left them, and nobody is asked again', async () => {
    const { join, server, pass } = setUp({
      adapter: {
        configOverwrite: { subject: 'Hello', prejoinConfig: { enabled: true, hideDisplayName: true } },
        userInfo: { displayName: 'Ada', email: 'ada@example.org' },
      },
    });
    await join();
    const { frame } = server;
    expect(frame.options.configOverwrite).toMatchObject({ prejoinConfig: { enabled: true } });
    frame.say('displayNameChange', { id: frame.id, displayname: 'Countess' });
    frame.say('displayNameChange', { id: 'bob', displayname: 'Bobby' });
    frame.say('tileViewChanged', { enabled: true });
    frame.devices = { audioInput: { label: 'Headset' }, videoInput: { label: '' } };
    frame.fail(fatal, { isFatal: true });
    await pass(3_000);
    expect(server.frame).not.toBe(frame);
    expect(server.frame.options).toMatchObject({
      configOverwrite: { subject: 'Hello', prejoinConfig: { enabled: false, hideDisplayName: true } },
      userInfo: { displayName: 'Countess', email: 'ada@example.org' },
      devices: { audioInput: 'Headset' },
    });
    expect(server.frame.commands).toEqual([['setTileView', true]]);
  });

  test('the devices are those of before where the page does not answer any more', async () => {
    const { join, server, pass } = setUp();
    await join();
    await pass(3_000);
    server.answers = false;
    server.frame.fail(fatal, { isFatal: true });
    await pass(3_000);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.options.devices).toEqual({ audioInput: 'Mic', videoInput: 'Cam' });
  });

  test('a page that never answers is no reason to wait for more than 1 s', async () => {
    const { join, server, pass } = setUp();
    await join();
    server.answers = false;
    server.frame.fail(fatal, { isFatal: true });
    await pass(1_300);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.inRoom).toBe(true);
  });
});
