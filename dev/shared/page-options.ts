/** What the address of a demo page says: `?room=demo&identity=ann&autojoin=1&listenOnly=1&oneTime=1&video=0&hd=1`. */
export interface PageOptions {
  readonly room: string;
  /** Empty: the page makes a name up. */
  readonly identity: string;
  /** Joins as soon as the page is there. */
  readonly autojoin: boolean;
  /** Sees and hears the others, sends nothing. */
  readonly listenOnly: boolean;
  /** Each authentication gets a token of its own. */
  readonly oneTime: boolean;
  /** False: the microphone only. */
  readonly video: boolean;
  /** What to ask camera and microphone for. */
  readonly constraints: MediaStreamConstraints;
}

/** Small pictures: several tabs then run on one machine. */
const smallVideo: MediaTrackConstraints = { width: 320, height: 240, frameRate: 10 };
const largeVideo: MediaTrackConstraints = { width: 1280, height: 720, frameRate: 30 };

/** Reads the options from a page's address. */
export function readPageOptions(address: string = location.href): PageOptions {
  const query = new URL(address).searchParams;
  const isOn = (name: string) => ['', '1', 'true'].includes(query.get(name) ?? 'off');
  const listenOnly = isOn('listenOnly');
  const video = !listenOnly && query.get('video') !== '0';
  return {
    room: query.get('room') || 'demo',
    identity: query.get('identity') ?? '',
    autojoin: isOn('autojoin'),
    listenOnly,
    oneTime: isOn('oneTime'),
    video,
    constraints: { audio: true, video: video && (isOn('hd') ? largeVideo : smallVideo) },
  };
}

/** The address of this page for another person: the same room and options, another name, and it joins by itself. */
export function invitation(room: string, address: string = location.href): string {
  const url = new URL(address);
  url.searchParams.set('room', room);
  url.searchParams.set('autojoin', '1');
  url.searchParams.delete('identity');
  return url.href;
}

/** The address of this page for joining without camera and microphone. */
export function withListenOnly(room: string, address: string = location.href): string {
  const url = new URL(address);
  url.searchParams.set('room', room);
  url.searchParams.set('autojoin', '1');
  url.searchParams.set('listenOnly', '1');
  return url.href;
}

/** A name for a person who gave none. */
export function inventName(): string {
  return `guest-${Math.random().toString(36).slice(2, 6)}`;
}
