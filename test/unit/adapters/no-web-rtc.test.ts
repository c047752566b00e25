import { expect, test, vi } from 'vitest';
import { setUp as setUpAntMedia } from './ant-media/ant-media-stage.ts';
import { setUp as setUpNafJanus } from './naf-janus/naf-janus-stage.ts';

const stages = { 'ant-media': setUpAntMedia, 'naf-janus': setUpNafJanus };

test.each(Object.entries(stages))('a browser without WebRTC is told so at once by %s', async (_, setUp) => {
  const { session, pass } = setUp();
  vi.stubGlobal('RTCPeerConnection', undefined);
  const join = session.join('standup').catch((error: unknown) => error);
  await pass(0);
  expect(await join).toMatchObject({ code: 'browser_unsupported', isDenied: false });
  expect(session.state).toBe('disconnected');
});
