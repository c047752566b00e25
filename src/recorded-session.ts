import type { AdapterCalls } from './adapter-calls.ts';
import type { Join } from './join.ts';
import type { RecordedSession } from './recorder.ts';

/** The parts of a session that a recorder sees. */
interface Parts extends Pick<RecordedSession, 'id' | 'view' | 'media'> {
  readonly current: Join | undefined;
  readonly calls: AdapterCalls;
}

/** What a recorder sees of a session. */
export function recordedSession(
  parts: Parts,
  given: Pick<RecordedSession, 'on' | 'clock' | 'adapter' | 'options'>,
  tell: RecordedSession['tellSilent'],
): RecordedSession {
  const { id, view, media } = parts;
  return {
    ...given,
    ...{ id, view, media },
    get token() {
      return parts.current?.refresher?.current;
    },
    get vendor() {
      return parts.calls.reconnect?.attempt?.vendor;
    },
    tellSilent: (silent) => {
      if (parts.current) tell(silent);
    },
  };
}
