import { type Check, moments } from './contract-check.ts';
import { demand, limits, nameOf, type Visit } from './contract-visit.ts';

/** When to leave a slow reconnect, in ms after the connection was cut: in each part of its attempts and pauses. */
const slowMs = [
  0, 50, 100, 250, 500, 1_000, 2_500, 5_000, 9_900, 10_000, 10_100, 10_400, 11_000, 25_000, 59_000,
];

/** What every adapter does when its connection is lost. */
export const reconnectChecks: readonly Check[] = [
  {
    name: 'is reconnecting when its connection dropped, and connected again with a vendor object',
    needs: ['drop'],
    async run(visit) {
      await visit.join();
      await visit.reconnect();
      demand(visit.session.vendor !== undefined, 'session.vendor is undefined after the reconnect');
      const tokens = visit.stage.tokens();
      demand(
        tokens.every((token) => visit.made.includes(token)),
        'The backend got a token that the session did not give',
      );
    },
  },
  {
    name: 'sends a token once only, where it says oneTimeTokens',
    async run(visit) {
      await visit.join();
      if (!visit.stage.adapter.oneTimeTokens) return;
      await visit.stage.drop?.();
      await visit.stage.pass(20_000);
      const tokens = visit.stage.tokens();
      demand(new Set(tokens).size === tokens.length, 'A token was sent twice');
    },
  },
  {
    name: 'has as much open after each reconnect as before',
    needs: ['drop'],
    async run(visit) {
      await visit.join();
      await visit.stage.pass(10_000);
      const open = visit.stage.open();
      for (let drops = 0; drops < 3; drops++) {
        await visit.reconnect();
        await visit.stage.pass(10_000);
      }
      const now = visit.stage.open();
      demand(
        now.length <= open.length,
        `Open after three reconnects: ${now.join(', ')}; before: ${open.join(', ') || 'nothing'}`,
      );
    },
  },
  {
    name: 'is denied when the backend rejects two tokens at a reconnect',
    needs: ['drop', 'reject', 'silence'],
    async run(visit) {
      await visit.join();
      visit.stage.reject?.(() => true);
      // A vendor that restores the connection itself may need no token for that, until it gives up.
      const { attempts } = visit;
      await visit.goSilent();
      await visit.until(() => visit.attempts > attempts, 'the adapter connects again');
      visit.stage.silence?.(false);
      await visit.until(() => visit.session.state === 'disconnected', 'the session is disconnected');
      const { reason, error } = visit.change ?? {};
      demand(reason === 'denied', `The room ended with the reason ${reason}`);
      demand(nameOf(error) === 'connect_denied', `The room ended with ${nameOf(error)}`);
      await visit.leave();
    },
  },
  {
    name: 'leaves nothing when it is left soon after its connection dropped',
    needs: ['drop'],
    async run(visit) {
      for (const ms of [0, 50, 100, 200, 300, 1_000]) {
        await visit.join();
        await visit.stage.drop?.();
        await visit.stage.pass(ms);
        await visit.leave();
      }
    },
  },
  {
    name: 'fails attempt after attempt while the backend is silent, and the session tells of each',
    needs: ['drop', 'silence'],
    async run(visit) {
      await visit.join();
      await visit.goSilent();
      await visit.until(() => visit.session.state === 'reconnecting', 'the session is reconnecting');
      const before = visit.attempts;
      await visit.stage.pass(limits.reconnectLimitMs * 0.9);
      const attempts = visit.attempts - before;
      const failures = visit.events('attemptFailed').length;
      demand(attempts >= 2, `There were ${attempts} attempts in ${limits.reconnectLimitMs * 0.9} ms`);
      // All but the newest have failed, and the connection that was lost.
      demand(failures >= attempts, `Of ${attempts} attempts, the session said attemptFailed of ${failures}`);
    },
  },
  {
    name: 'is lost at the reconnect limit while the backend is silent, and leaves nothing',
    needs: ['drop', 'silence'],
    async run(visit) {
      await visit.join();
      const before = visit.seen.length;
      await visit.goSilent();
      await visit.until(() => visit.states(before).includes('reconnecting'), 'the session is reconnecting');
      await visit.stage.pass(limits.reconnectLimitMs + 1_000);
      const states = visit.states(before).join(', ');
      demand(states === 'reconnecting, disconnected', `The states were ${states}`);
      const { reason, error } = visit.change ?? {};
      demand(reason === 'lost', `The room ended with the reason ${reason}`);
      demand(nameOf(error) === 'connect_failed', `The room ended with ${nameOf(error)}`);
      const [lost, ended] = visit.events('stateChanged', before);
      const tookMs = Number(ended?.at) - Number(lost?.at);
      demand(
        Math.abs(tookMs - limits.reconnectLimitMs) < 1_000,
        `It took ${tookMs} ms, and the limit is ${limits.reconnectLimitMs} ms`,
      );
      await visit.stage.pass(0);
      visit.nothingOpen();
    },
  },
  {
    name: 'connects again when a silent backend answers again',
    needs: ['drop', 'silence'],
    async run(visit) {
      await visit.join();
      await visit.goSilent();
      await visit.stage.pass(limits.reconnectLimitMs / 2);
      demand(visit.session.state === 'reconnecting', `The session is ${visit.session.state}`);
      visit.stage.silence?.(false);
      await visit.until(() => visit.session.state === 'connected', 'the session is connected again');
    },
  },
  {
    name: 'leaves nothing when it is left at any moment of a slow reconnect',
    needs: ['drop', 'silence'],
    async run(visit) {
      for (const ms of slowMs) await leaveSlowReconnect(visit, () => visit.stage.pass(ms));
      for (const moment of moments) {
        const leaveThen = () => visit.atConnect(moment, () => void visit.session.leave());
        await leaveSlowReconnect(visit, leaveThen);
      }
    },
  },
];

async function leaveSlowReconnect(visit: Visit, wait: () => Promise<void>): Promise<void> {
  await visit.join();
  await visit.goSilent();
  await wait();
  await visit.leave();
  visit.stage.silence?.(false);
}
