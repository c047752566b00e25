import { describe, expect, test } from 'vitest';
import { setUp } from './jitsi-stage.ts';

describe("a frame's token", () => {
  test('is in the fragment of the address that the frame goes to, and nowhere in the page', async () => {
    const { join, session, server, issued } = setUp();
    await join();
    const [token = ''] = issued;
    const { address, src, _url } = server.frame;
    expect(address).toBe(
      `https://meet.example.org/standup?lang=de#jitsi_meet_external_api_id=0&jwt="${token}"&userInfo.email=%22a%22`,
    );
    expect(src).toBe('about:blank');
    expect(_url).toBe(
      'https://meet.example.org/standup?lang=de#jitsi_meet_external_api_id=0&userInfo.email=%22a%22',
    );
    expect(document.documentElement.outerHTML).not.toContain(token.slice(-20));
    await session.leave();
  });

  test('leaves the page its camera and microphone, which the browser gives to the origin of src only', async () => {
    const { join, server } = setUp();
    await join();
    const origin = 'https://meet.example.org';
    expect(server.frame.element).toMatchObject({
      allow: `autoplay ${origin}; camera  ${origin}; hid 'none'; speaker-selection *; microphone ${origin}`,
    });
  });

  test('of a frame that replaces another one is a new one, in the fragment too', async () => {
    const { join, server, issued, pass } = setUp();
    await join();
    await pass(20_000);
    server.frame.fail('conference.iceFailed', { isFatal: true });
    await pass(2_000);
    expect(server.frames).toHaveLength(2);
    expect(server.frame.address).toContain(`#jitsi_meet_external_api_id=0&jwt="${issued.at(-1)}"`);
    expect(server.frame.address).not.toContain('?jwt=');
    expect(server.frame.src).toBe('about:blank');
  });

  test.each([
    ['where the script is from before May 2024', true, undefined],
    ['where the option says so', false, true],
  ])('is in the query %s', async (_what, isOld, tokenInQuery) => {
    const { join, server, issued } = setUp({ adapter: { tokenInQuery } });
    server.isOld = isOld;
    await join();
    expect(server.frame.address).toContain(`/standup?jwt=${issued[0]}&lang=de#`);
    expect(server.frame.src).toBe('about:blank');
    expect(server.frame._url).not.toContain('jwt');
  });

  test('is in no query where the option says so', async () => {
    const { join, server, issued } = setUp({ adapter: { tokenInQuery: false } });
    await join();
    expect(server.frame.address).toContain('/standup?lang=de#');
    expect(server.frame.address).toContain(`"${issued[0]}"`);
  });

  test('stays where the vendor puts it where the private method is missing', async () => {
    const { join, server, session, issued } = setUp({
      vendor: (Api) => {
        class Other extends Api {}
        Object.assign(Other.prototype, { _createIFrame: undefined });
        return Other;
      },
    });
    await join();
    expect(session.state).toBe('connected');
    expect(server.frame.src).toContain(`?jwt=${issued[0]}`);
    expect(server.frame.address).toBe('');
  });

  test('is put into the address of a frame that has no window yet', async () => {
    const { join, server, issued } = setUp({ adapter: { parentNode: document.createElement('div') } });
    await join();
    expect(server.frame.src).toContain(`&jwt="${issued[0]}"`);
    expect(server.frame.src).not.toContain('?jwt=');
  });
});
