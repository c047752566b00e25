import { describe, expect, test } from 'vitest';
import { openThings, setUp } from './jitsi-stage.ts';

const greetings = (commands: readonly unknown[][]) =>
  commands.flatMap(([name, to, text]) => (name === 'sendEndpointTextMessage' ? [[to, text]] : []));

describe('metadata on Jitsi', () => {
  test('is told to all when set, and to a newcomer 2 s after the arrival', async () => {
    const { join, session, server, clock } = setUp();
    await join();
    session.setMetadata({ raisedHand: true });
    const text = JSON.stringify({ roomSession: { info: { metadata: { raisedHand: true } } } });
    expect(greetings(server.frame.commands)).toEqual([['', text]]);
    server.frame.say('participantJoined', { id: 'eve', displayName: 'Eve' });
    await clock.advance(1_999);
    expect(greetings(server.frame.commands)).toHaveLength(1);
    await clock.advance(1);
    expect(greetings(server.frame.commands)).toEqual([
      ['', text],
      ['eve', text],
    ]);
    await session.leave();
    expect(openThings(server, clock)).toEqual([]);
  });

  test('of others is theirs, and what comes from an unknown participant moves nothing', async () => {
    const { join, session, server } = setUp();
    await join();
    server.frame.say('participantJoined', { id: 'eve', displayName: 'Eve' });
    const say = (id: string, packet: object) =>
      server.frame.say('endpointTextMessageReceived', {
        data: { senderInfo: { id }, eventData: { text: JSON.stringify({ roomSession: packet }) } },
      });
    say('eve', { info: { metadata: { raisedHand: true } } });
    say('stranger', { info: { metadata: { raisedHand: true } } });
    expect(session.participants).toMatchObject([{ id: 'eve', metadata: { raisedHand: true } }]);
    server.frame.say('participantMuted', { id: 'eve', isMuted: true, mediaType: 'audio' });
    expect(session.participants).toMatchObject([{ id: 'eve', microphone: false }]);
  });

  test('leaves one timer at most, however often participants come', async () => {
    const { join, session, server, clock } = setUp();
    await join();
    session.setMetadata({ raisedHand: true });
    await clock.advance(100);
    const before = clock.timerCount;
    for (let round = 0; round < 50; round++)
      server.frame.say('participantJoined', { id: 'eve', displayName: 'Eve' });
    expect(clock.timerCount).toBeLessThanOrEqual(before + 1);
  });
});
