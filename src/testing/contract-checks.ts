import { TokenError } from '../errors.ts';
import type { ContractCapability } from './contract-stage.ts';
import { demand, rejectionOf, type Visit } from './contract-visit.ts';
import { settle } from './fake-clock.ts';

/** A check, and what its stage must be able to do. */
interface Check {
  readonly name: string;
  readonly needs?: readonly ContractCapability[];
  run(visit: Visit): Promise<void>;
}

/** Moments of a connect, in microtasks: each of the first ones, for it is between two of them that things slip through. */
const moments: readonly number[] = [...Array(25).keys(), 40];

/** What every adapter keeps to. */
export const checks: readonly Check[] = [
  {
    name: 'has a name, and no vendor object before it is connected',
    async run({ stage: { adapter } }) {
      demand(typeof adapter.name === 'string' && adapter.name !== '', 'adapter.name is no text');
      demand(adapter.vendor === undefined, 'adapter.vendor is there before connect');
    },
  },
  {
    name: 'asks for a token before it sends anything to the backend',
    async run(visit) {
      const { stage } = visit;
      const release = visit.holdToken();
      visit.connect();
      await visit.until(() => visit.requests.length > 0, 'connect asks for a token');
      await stage.pass(1_000);
      demand(stage.contacts() === 0, `the backend was reached ${stage.contacts()} times without a token`);
      release();
      await visit.joined();
      demand(visit.made.length > 0, 'connect never asked for a token');
      const strange = stage.tokens().filter((token) => !visit.made.some(({ value }) => value === token));
      demand(strange.length === 0, 'the backend got a token that getToken never gave');
      demand(stage.tokens().length > 0, 'the backend got no token');
    },
  },
  {
    name: 'has a vendor object while it is connected, and none afterwards',
    async run(visit) {
      await visit.join();
      demand(visit.stage.adapter.vendor !== undefined, 'adapter.vendor is undefined in the room');
      await visit.disconnect();
      demand(visit.stage.adapter.vendor === undefined, 'adapter.vendor is still there after disconnect');
    },
  },
  {
    name: 'joins with another token when the backend refuses the first',
    needs: ['refuse'],
    async run(visit) {
      visit.stage.refuse?.((token) => token === visit.made[0]?.value);
      await visit.join();
      demand(visit.made.length >= 2, 'no other token was asked for');
      const told = visit.stage.adapter.oneTimeTokens || visit.requests.some(({ rejected }) => rejected);
      demand(told, 'getToken was not told which token was refused: getToken({ rejected })');
    },
  },
  {
    name: 'gives up with connect_denied when the backend refuses the second token too',
    needs: ['refuse'],
    async run(visit) {
      visit.stage.refuse?.(() => true);
      visit.connect();
      const error = await visit.failed();
      demand(rejectionOf(error) === 'connect_denied', `it rejected with ${rejectionOf(error)}`);
      const tried = new Set(visit.stage.tokens()).size;
      demand(tried === 2, `the backend got ${tried} tokens where two are enough to know`);
      await visit.disconnect();
      visit.nothingOpen();
    },
  },
  {
    name: 'ends connect with the error of getToken',
    async run(visit) {
      const denial = new TokenError('token_denied', 'The token source said no.');
      visit.denyToken(denial);
      visit.connect();
      const error = await visit.failed();
      demand(error === denial, `it rejected with ${rejectionOf(error)} in place of it`);
      demand(visit.stage.contacts() === 0, 'the backend was reached without a token');
      await visit.disconnect();
      visit.nothingOpen();
    },
  },
  {
    name: 'comes back with a valid token after its connection dropped, and says so',
    needs: ['drop'],
    async run(visit) {
      await visit.join();
      const asked = visit.requests.length;
      await visit.stage.drop?.();
      await visit.until(() => visit.said('reconnecting'), 'it reports reconnecting');
      await visit.until(() => visit.said('connected'), 'it reports connected');
      demand(visit.requests.length > asked, 'it came back without asking for a token');
      demand(visit.stage.adapter.vendor !== undefined, 'adapter.vendor is undefined after the reconnect');
      const order = visit.reports.map(({ type }) => type);
      demand(order.indexOf('reconnecting') < order.lastIndexOf('connected'), 'connected came first');
    },
  },
  {
    name: 'gives a token to one authentication only, where it says oneTimeTokens',
    async run(visit) {
      await visit.join();
      if (!visit.stage.adapter.oneTimeTokens) return;
      await visit.stage.drop?.();
      await visit.stage.pass(20_000);
      const tokens = visit.stage.tokens();
      demand(new Set(tokens).size === tokens.length, 'a token was sent twice');
    },
  },
  {
    name: 'ends connect promptly when the signal aborts, at any moment',
    async run(visit) {
      const reason = new Error('Left.');
      for (const moment of moments) {
        const release = visit.holdToken();
        visit.connect();
        if (moment > 0) {
          release();
          await settle(moment);
        }
        visit.abort(reason);
        const error = await visit.settled();
        demand(
          error === undefined || error === reason,
          `it rejected with ${rejectionOf(error)}, not the reason`,
        );
        release();
        await visit.disconnect();
        visit.nothingOpen();
      }
    },
  },
  {
    name: 'leaves nothing when it is disconnected at any moment of a connect',
    async run(visit) {
      for (const moment of moments) {
        const release = visit.holdToken();
        visit.connect();
        if (moment > 0) {
          release();
          await settle(moment);
        }
        await visit.disconnect();
        release();
        await visit.settled();
        visit.nothingOpen();
        demand(visit.stage.adapter.vendor === undefined, 'adapter.vendor is there after disconnect');
      }
    },
  },
  {
    name: 'may be disconnected before it was ever connected',
    async run(visit) {
      await visit.stage.adapter.disconnect();
      await visit.stage.adapter.disconnect();
      visit.nothingOpen();
      await visit.join();
    },
  },
  {
    name: 'leaves nothing when it is disconnected at any moment after it joined, and twice',
    async run(visit) {
      for (const moment of moments) {
        await visit.join();
        await settle(moment);
        await visit.disconnect();
        await visit.stage.adapter.disconnect();
        visit.nothingOpen();
      }
    },
  },
  {
    name: 'leaves nothing when it is disconnected while it reconnects',
    needs: ['drop'],
    async run(visit) {
      for (const ms of [0, 100, 1_000]) {
        await visit.join();
        await visit.stage.drop?.();
        await visit.stage.pass(ms);
        await visit.disconnect();
        visit.nothingOpen();
      }
    },
  },
  {
    name: 'neither reports nor reaches the backend after disconnect',
    async run(visit) {
      await visit.join();
      await visit.disconnect();
      await visit.stage.pass(100);
      const told = visit.reports.length;
      const reached = visit.stage.contacts();
      await visit.stage.somebodyJoins?.();
      await visit.stage.drop?.();
      await visit.stage.pass(60_000);
      const late = visit.reports.slice(told).map(({ type }) => type);
      demand(late.length === 0, `it reported ${late.join(', ')} after disconnect`);
      demand(visit.stage.contacts() === reached, 'it reached the backend after disconnect');
    },
  },
  {
    name: 'connects again after a disconnect, and after a connect that failed',
    async run(visit) {
      await visit.join();
      await visit.disconnect();
      visit.denyToken(new TokenError('token_denied', 'The token source said no.'));
      visit.connect();
      await visit.failed();
      await visit.disconnect();
      visit.denyToken(undefined);
      await visit.join();
    },
  },
  {
    name: 'reports who joins, with their tracks',
    needs: ['somebodyJoins'],
    async run(visit) {
      await visit.join();
      await visit.stage.somebodyJoins?.();
      await visit.until(
        () => visit.said('participantJoined') || visit.said('trackAdded'),
        'it reports participantJoined or trackAdded',
      );
      await visit.stage.pass(1_000);
      visit.wellFormed();
    },
  },
  {
    name: 'reports who leaves, by the same id',
    needs: ['somebodyJoins', 'somebodyLeaves'],
    async run(visit) {
      await visit.join();
      await visit.stage.somebodyJoins?.();
      await visit.until(() => visit.people().size > 0, 'it reports who joins');
      const people = visit.people();
      await visit.stage.somebodyLeaves?.();
      await visit.until(() => visit.said('participantLeft'), 'it reports participantLeft');
      visit.wellFormed();
      const left = visit.reports.find((report) => report.type === 'participantLeft');
      const id = left?.type === 'participantLeft' ? left.participant.id : undefined;
      demand(id !== undefined && people.has(id), `"${id}" left, but nobody of that id had joined`);
    },
  },
];
