// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { type FrameOptions, frameUrl } from '../../../dev/jitsi-meet/frame-url.ts';
import { readPageAddress, reloadAddress } from '../../../dev/jitsi-meet/page-address.ts';

const jwt = 'aaa.bbb.ccc';
const urlOf = (options: FrameOptions): string =>
  frameUrl('https:', 'meet.example.org/jitsi', 3, { roomName: 'standup', ...options }, null);

describe("the frame's address", () => {
  it('has the token in the query and, quoted, in the hash, and everything else in the hash', () => {
    expect(
      urlOf({
        jwt,
        lang: 'de',
        release: '1',
        configOverwrite: { prejoinConfig: { enabled: false }, startWithAudioMuted: true },
        interfaceConfigOverwrite: { A: 1 },
        userInfo: { displayName: 'Ada B' },
        devices: { audioInput: 'mic' },
      }),
    ).toBe(
      'https://meet.example.org/jitsi/standup?jwt=aaa.bbb.ccc&lang=de&release=1' +
        '#jitsi_meet_external_api_id=3&jwt="aaa.bbb.ccc"' +
        '&config.prejoinConfig=%7B%22enabled%22%3Afalse%7D&config.startWithAudioMuted=true' +
        '&interfaceConfig.A=1&devices.audioInput=%22mic%22&userInfo.displayName=%22Ada%20B%22',
    );
  });

  it('takes the room as it is given', () => {
    expect(urlOf({ roomName: 'a b?' })).toBe(
      'https://meet.example.org/jitsi/a b?#jitsi_meet_external_api_id=3',
    );
  });

  it('brings what the page has stored with the host', () => {
    const url = frameUrl('https:', 'meet.example.org', 0, {}, '{"a":1}');
    expect(url).toContain('&appData.localStorageContent=%22%7B%5C%22a%5C%22%3A1%7D%22');
  });

  it('is read by the page', () => {
    const options = {
      jwt,
      configOverwrite: {
        prejoinConfig: { enabled: false },
        startWithVideoMuted: true,
        lobby: { autoKnock: true },
      },
      userInfo: { displayName: 'Ada B', email: 'ada@example.org' },
      devices: { videoInput: 'cam' },
    };
    expect(readPageAddress(new URL(urlOf(options)))).toEqual({
      path: 'standup',
      jwt,
      apiId: 3,
      login: false,
      displayName: 'Ada B',
      email: 'ada@example.org',
      prejoin: false,
      autoKnock: true,
      audioMuted: false,
      videoMuted: true,
      devices: { videoInput: 'cam' },
    });
  });

  it('is read by the page where it says little', () => {
    expect(readPageAddress(new URL('https://meet.example.org/jitsi/acme/standup'))).toMatchObject({
      path: 'acme/standup',
      jwt: '',
      apiId: undefined,
      prejoin: true,
      autoKnock: false,
    });
    expect(readPageAddress(new URL('https://meet.example.org/jitsi/standup?jwt=of-the-query')).jwt).toBe(
      'of-the-query',
    );
  });

  it('keeps its token over a reload, and has the mute states of now', () => {
    const first = urlOf({ jwt, configOverwrite: { startWithAudioMuted: true, subject: 'x' } });
    const again = new URL(reloadAddress(reloadAddress(first, false, true), false, false));
    expect(again.searchParams.get('jwt')).toBe(jwt);
    expect(again.hash.match(/startWithAudioMuted/g)).toHaveLength(1);
    expect(readPageAddress(again)).toMatchObject({
      jwt,
      apiId: 3,
      prejoin: false,
      audioMuted: false,
      videoMuted: false,
    });
  });
});
