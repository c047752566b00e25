import { TokenError } from '../errors.ts';
import { type Check, moments } from './contract-check.ts';
import { demand, nameOf } from './contract-visit.ts';
import { settle } from './fake-clock.ts';

const noToken = () => new TokenError('token_denied', 'The token source denies.');

/** What every adapter does when it joins and leaves. */
export const joinChecks: readonly Check[] = [
  {
    name: 'has a name',
    async run({ stage: { adapter } }) {
      demand(typeof adapter.name === 'string' && adapter.name !== '', 'adapter.name is not a text');
    },
  },
  {
    name: 'sends nothing to the backend before there is a token, then the token',
    async run(visit) {
      const { stage } = visit;
      const release = visit.holdToken();
      visit.begin();
      await stage.pass(1_000);
      demand(stage.contacts() === 0, `The backend was reached ${stage.contacts()} times without a token`);
      release();
      await visit.joined();
      const tokens = stage.tokens();
      demand(tokens.length > 0, 'The backend got no token');
      demand(
        tokens.every((token) => visit.made.includes(token)),
        'The backend got a token that the session did not give',
      );
    },
  },
  {
    name: 'has a vendor object while it is connected, and none before and after',
    async run(visit) {
      demand(visit.session.vendor === undefined, 'session.vendor is there before the join');
      await visit.join();
      demand(visit.session.vendor !== undefined, 'session.vendor is undefined in the room');
      await visit.leave();
      demand(visit.session.vendor === undefined, 'session.vendor is there after leave()');
    },
  },
  {
    name: 'joins with another token when the backend rejects the first',
    needs: ['reject'],
    async run(visit) {
      visit.stage.reject?.((token) => token === visit.made[0]);
      await visit.join();
      demand(visit.made.length >= 2, 'The session was not asked for another token: call attempt.rejected()');
    },
  },
  {
    name: 'fails with connect_denied when the backend rejects the second token too',
    needs: ['reject'],
    async run(visit) {
      visit.stage.reject?.(() => true);
      visit.begin();
      const error = await visit.failed();
      demand(nameOf(error) === 'connect_denied', `The join failed with ${nameOf(error)}`);
      const tried = new Set(visit.stage.tokens()).size;
      demand(tried === 2, `The backend got ${tried} tokens, and two are enough to know`);
      await visit.leave();
    },
  },
  {
    name: 'fails with the error of the token source, and does not reach the backend',
    async run(visit) {
      const denial = noToken();
      visit.denyToken(denial);
      visit.begin();
      const error = await visit.failed();
      demand(error === denial, `The join failed with ${nameOf(error)} in place of it`);
      demand(visit.stage.contacts() === 0, 'The backend was reached without a token');
      await visit.leave();
    },
  },
  {
    name: 'fails within the join timeout when the backend never answers',
    needs: ['silence'],
    async run(visit) {
      visit.stage.silence?.(true);
      visit.begin();
      const error = nameOf(await visit.failed());
      demand(/^connect_(failed|timeout)$/.test(error), `The join failed with ${error}`);
      await visit.leave();
    },
  },
  {
    name: 'leaves nothing when it is left at any moment of a join',
    async run(visit) {
      for (const moment of moments) {
        const release = visit.holdToken();
        visit.begin();
        await settle(moment);
        void visit.session.leave();
        release();
        await visit.failed();
        await visit.leave();
      }
    },
  },
  {
    name: 'leaves nothing when it is left at any moment of a connect',
    async run(visit) {
      for (const moment of moments) {
        visit.begin();
        await visit.atConnect(moment, () => void visit.session.leave());
        await visit.leave();
        demand(visit.session.vendor === undefined, 'session.vendor is there after leave()');
      }
    },
  },
  {
    name: 'leaves nothing when a listener leaves as soon as it is connected',
    async run(visit) {
      const stop = visit.session.on('stateChanged', ({ state }) => {
        if (state === 'connected') void visit.session.leave();
      });
      visit.begin();
      await visit.until(() => visit.states().includes('connected'), 'the session is connected');
      stop();
      await visit.leave();
    },
  },
  {
    name: 'ends a join promptly when its signal aborts at any moment',
    async run(visit) {
      const reason = new Error('Aborted.');
      for (const moment of moments) {
        visit.begin();
        await visit.atConnect(moment, () => visit.abort(reason));
        const { state } = visit.session;
        demand(state === 'disconnected' || state === 'connected', `The session is ${state} after the abort`);
        if (state === 'disconnected') {
          const error = await visit.failed();
          demand(error === reason, `The join failed with ${nameOf(error)}, and not with the reason`);
        }
        await visit.leave();
      }
    },
  },
  {
    name: 'leaves nothing when it is left at any moment after it joined, and twice',
    async run(visit) {
      for (const moment of moments) {
        await visit.join();
        await settle(moment);
        await visit.leave();
        await visit.leave();
      }
    },
  },
  {
    name: 'says nothing and does not reach the backend after it was left',
    async run(visit) {
      const { stage } = visit;
      await visit.join();
      await visit.leave();
      await stage.pass(100);
      const seen = visit.seen.length;
      const reached = stage.contacts();
      await stage.participantJoins?.();
      await stage.drop?.();
      await stage.pass(60_000);
      const late = visit.seen.slice(seen).map(({ name }) => name);
      demand(late.length === 0, `The session said ${late.join(', ')} after leave()`);
      demand(stage.contacts() === reached, 'The backend was reached after leave()');
    },
  },
  {
    name: 'joins again after it was left, and after a join that failed',
    async run(visit) {
      await visit.join();
      await visit.leave();
      visit.denyToken(noToken());
      visit.begin();
      await visit.failed();
      visit.denyToken(undefined);
      await visit.join();
    },
  },
];
