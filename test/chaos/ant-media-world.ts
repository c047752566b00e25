import { setUp } from '../unit/adapters/ant-media/ant-media-stage.ts';
import { FakePeerConnection } from '../unit/adapters/ant-media/fake-media.ts';
import { WebRTCAdaptor } from '../unit/adapters/ant-media/silent-vendor.ts';
import { Brittle } from './brittle.ts';
import type { Dice } from './dice.ts';
import { passQuickly } from './pass.ts';
import { TokenBackend, type World } from './world.ts';

const methods = ['initialize', 'publish', 'play', 'stop', 'closeWebSocket'];
const errors = [
  'no_stream_exist',
  'user_blocked',
  'viewerLimitReached',
  'encoderNotOpened',
  'license_suspended_please_renew_license',
  'something_new',
];

/** One participant of an Ant Media room. */
export function antMediaWorld(dice: Dice): World {
  const brittle = new Brittle(dice);
  let backend: TokenBackend | undefined;
  const stage = setUp({
    adapter: { vendor: brittle.subclass(WebRTCAdaptor, methods) },
    session: { tokenSource: (request) => backend!.source(request) },
  });
  const { server, clock, session } = stage;
  backend = new TokenBackend(clock, dice);
  const tokens = backend;
  let refuses = false;
  clock.nextRandom = dice.random;
  server.refuses = (token, command) => !tokens.arrived(token, command) || refuses;
  // A server that says nothing for a while, and then goes on as if nothing had been, is not what TCP does.
  const talkAgain = () => {
    if (server.silent) server.drop();
    server.silent = false;
  };
  const connections = () => [...FakePeerConnection.open];
  const ids = () =>
    session.participants
      .map(({ id }) => id)
      .sort()
      .join();

  return {
    ...{ session, clock, brittle, backend, open: stage.open, pass: passQuickly(clock) },
    incidents: [
      { name: 'drop', happen: () => server.drop() },
      { name: 'server down', happen: () => Object.assign(server, { up: false }) && server.drop() },
      { name: 'server up', happen: () => Object.assign(server, { up: true }) },
      { name: 'server silent', happen: () => Object.assign(server, { silent: true }) },
      { name: 'server talks', happen: talkAgain },
      { name: 'no pongs', happen: () => Object.assign(server, { pongs: dice.chance(0.5) }) },
      { name: 'publish ignored', happen: () => server.ignores.add('publish') },
      { name: 'play ignored', happen: () => server.ignores.add('play') },
      { name: 'nothing ignored', happen: () => server.ignores.clear() },
      { name: 'tokens refused', happen: () => (refuses = dice.chance(0.5)) },
      {
        name: 'refusals close',
        happen: () => Object.assign(server, { closesAfterRefusal: dice.chance(0.5) }),
      },
      { name: 'bob comes', happen: () => server.others.includes('bob') || server.join('bob') },
      { name: 'bob goes', happen: () => server.others.includes('bob') && server.leave('bob') },
      { name: 'eve comes', happen: () => server.others.includes('eve') || server.join('eve') },
      {
        name: 'next answer is an error',
        happen: () =>
          server.answers.push({ command: dice.pick(['publish', 'play']), definition: dice.pick(errors) }),
      },
      {
        name: 'error',
        happen: () => server.fail(dice.pick(errors), { streamId: dice.pick(['ada', 'standup', 'x']) }),
      },
      {
        name: 'notification',
        happen: () =>
          server.notify(dice.pick(['publish_finished', 'play_finished', 'server_will_stop']), {
            streamId: dice.pick(['ada', 'standup']),
          }),
      },
      {
        name: 'ice',
        happen: () => {
          const all = connections();
          if (all.length > 0) dice.pick(all).ice(dice.pick(['disconnected', 'failed', 'connected']));
        },
      },
      ...[...methods, 'new'].flatMap((method) => [
        { name: `${method} throws once`, happen: () => brittle.arm(method, 'once') },
        { name: `${method} throws`, happen: () => method !== 'new' && brittle.arm(method, 'always') },
      ]),
    ],
    heal() {
      talkAgain();
      Object.assign(server, { up: true, pongs: true, closesAfterRefusal: false });
      refuses = false;
      server.ignores.clear();
      server.answers.length = 0;
    },
    halfOpen() {
      const sockets = server.network.open().length;
      if (sockets !== 1) return `${sockets} sockets`;
      if (!server.publishes('ada')) return 'the server does not have our stream';
      if (!stage.connections().own) return 'no connection for our stream';
      if (connections().length > 2) return `${connections().length} peer connections`;
      if (ids() !== [...server.others].sort().join()) return `it sees ${ids()}, not ${server.others}`;
      return undefined;
    },
    copies: () => [session.vendor?.publishToken, session.vendor?.playToken],
  };
}
