import { PostMessageTransportBackend, Transport } from '@jitsi/js-utils/transport';

/** What an error of the page consists of, beside its name. */
export interface ErrorDetails {
  readonly message?: string | null;
  readonly credentials?: { readonly jid: string };
  readonly params?: readonly unknown[];
  readonly recoverable?: boolean;
}

const fatal: readonly string[] = [
  'connection.droppedError',
  'connection.otherError',
  'connection.serverError',
  'conference.focusDisconnected',
  'conference.focusLeft',
  'conference.iceFailed',
  'conference.offerAnswerFailed',
  'conference.videobridgeNotAvailable',
];

/** Whether the page reloads itself after this error. What is neither of the connection nor the conference always is. */
export function isFatal(name: string): boolean {
  return fatal.includes(name) || !/^(connection|conference)\./.test(name);
}

/** The page that embeds this one, spoken to by the vendor's transport. Without an API object there nothing is said. */
export class HostPage {
  #transport: Transport | undefined;

  constructor(apiId: number | undefined) {
    if (apiId === undefined) return;
    const scope = `jitsi_meet_external_api_${apiId}`;
    this.#transport = new Transport({
      backend: new PostMessageTransportBackend({ postisOptions: { scope } }),
    });
  }

  tell(name: string, payload: Readonly<Record<string, unknown>> = {}): void {
    this.#transport?.sendEvent({ ...payload, name });
  }

  /** Tells an error in the vendor's shape. */
  tellError(name: string, details: ErrorDetails = {}): void {
    const type = /^(connection|conference)\./.exec(name)?.[1]?.toUpperCase() ?? 'CONFIG';
    const { params = [], ...rest } = details;
    const error = {
      name,
      type,
      ...rest,
      ...(type === 'CONFERENCE' ? { params } : {}),
      isFatal: isFatal(name),
    };
    // Its name cannot travel beside the event's.
    this.tell('error-occurred', { error });
  }

  tellNotification(title: string, description: string): void {
    this.tell('notification-triggered', { title, description });
  }

  onCommand(handle: (name: string, args: readonly unknown[]) => void): void {
    this.#transport?.on('event', ({ name, data }: { name: string; data: unknown[] }) => {
      handle(name, data);
      return true;
    });
  }

  /** Answers requests; an unknown one is answered as by the vendor. */
  onRequest(answer: (request: Readonly<Record<string, unknown>>) => unknown): void {
    this.#transport?.on('request', (request, respond) => {
      void Promise.resolve(answer(request)).then((result) => respond(result ?? { error: {} }));
      return true;
    });
  }

  /** Says and hears nothing any more. */
  close(): void {
    this.#transport?.dispose();
    this.#transport = undefined;
  }
}
