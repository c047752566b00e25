// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { readPageAddress, reloadAddress } from '../../../dev/jitsi-meet/page-address.ts';

const jwt = 'aaa.bbb.ccc';
/** As the vendor's script writes it. */
const url =
  'https://meet.example.org/jitsi/standup?jwt=aaa.bbb.ccc&lang=de&release=1' +
  '#jitsi_meet_external_api_id=3&jwt="aaa.bbb.ccc"' +
  '&config.prejoinConfig=%7B%22enabled%22%3Afalse%7D&config.startWithVideoMuted=true' +
  '&config.lobby=%7B%22autoKnock%22%3Atrue%7D&config.subject=%22x%22' +
  '&devices.videoInput=%22cam%22&userInfo.displayName=%22Ada%20B%22&userInfo.email=%22ada%40example.org%22';

describe("the frame's address", () => {
  it('is read by the page', () => {
    expect(readPageAddress(new URL(url))).toEqual({
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
    const again = new URL(reloadAddress(reloadAddress(url, true, true), true, false));
    expect(again.searchParams.get('jwt')).toBe(jwt);
    expect(again.hash.match(/startWithVideoMuted/g)).toHaveLength(1);
    expect(readPageAddress(again)).toMatchObject({
      jwt,
      apiId: 3,
      prejoin: false,
      audioMuted: true,
      videoMuted: false,
    });
  });
});
