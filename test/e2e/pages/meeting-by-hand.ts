/** What an app writes without us: the token is fetched once and given to the vendor's frame. It shows that the tests can fail. */

interface Api {
  on(event: string, listener: () => void): void;
}

export interface MeetingByHandPage {
  /** Resolves when in the meeting. `at` is a deployment with https. Default: the stand-in. */
  meetByHand(room: string, identity: string, at?: string): Promise<void>;
}

async function meetByHand(room: string, identity: string, at?: string): Promise<void> {
  const domain = at ?? `127.0.0.1:${location.port}/jitsi`;
  const script = document.createElement('script');
  script.src = `${at ? 'https' : 'http'}://${domain}/external_api.js`;
  document.head.append(script);
  await new Promise((resolve) => script.addEventListener('load', resolve));
  const response = await fetch('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ room, identity, backend: 'jitsi' }),
  });
  const { token } = await response.json();
  const { JitsiMeetExternalAPI } = window as unknown as {
    JitsiMeetExternalAPI: new (domain: string, options: object) => Api;
  };
  const api = new JitsiMeetExternalAPI(domain, {
    roomName: room,
    jwt: token,
    parentNode: document.body,
    userInfo: { displayName: identity },
    configOverwrite: { prejoinConfig: { enabled: false } },
  });
  return new Promise((resolve) => api.on('videoConferenceJoined', resolve));
}

(window as unknown as MeetingByHandPage).meetByHand = meetByHand;
