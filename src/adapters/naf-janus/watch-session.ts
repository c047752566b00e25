import type { Attempt } from './attempt.ts';

/** How long the server may take to answer after a sleep. */
const aliveLimitMs = 3_000;
/** A kick comes as a hangup, too, and then says that we are detached. */
const hangupGraceMs = 1_000;

/**
 * Looks at what the vendor does not look at in its Janus session: that the server ended it, does not know it, kicked us or
 * answers nothing any more. At the attempt's end it takes the vendor's connection down for good.
 */
export function watchSession({ hold: { vendor, own }, clock, signal, timer, broken, report }: Attempt): void {
  const { session } = vendor;
  const isOurs = (sender: unknown) => sender === vendor.publisher?.handle.id;
  if (session) {
    const { send } = session;
    // The vendor makes a peer connection, attaches, and only then lets us know of it: let it get that far.
    session.send = (kind, frame) =>
      new Promise((resolve, reject) => {
        if (kind === 'attach') signal.addEventListener('abort', () => resolve({ data: {} }));
        send.call(session, kind, frame).then(resolve, (error) => {
          if (kind === 'keepalive') broken('no answer')();
          reject(error);
        });
      });
    session.on('timeout', broken('session timeout'));
    session.on('error', ({ error }) => {
      if (error?.code === 458) broken('no such session')();
    });
    session.on('hangup', ({ sender }) => isOurs(sender) && timer('hangup', hangupGraceMs, broken('hangup')));
    session.on('detached', ({ sender }) => {
      if (isOurs(sender)) report({ type: 'disconnected', reason: 'removed' });
    });
  }
  const stopWaking = clock.onWake(() => {
    if (!vendor.publisher) return;
    timer('alive', aliveLimitMs, broken('no answer'));
    const answered = session?.send('keepalive').then(() => timer('alive'));
    answered?.catch(() => {});
  });
  signal.addEventListener('abort', () => {
    stopWaking();
    own.disconnect();
    // What is still under way in the vendor would start its keepalive again.
    if (session) session.send = () => new Promise(() => {});
    vendor.availableOccupants.length = 0;
  });
}
