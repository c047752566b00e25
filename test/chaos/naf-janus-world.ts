import { FakePeerConnection } from '../unit/adapters/naf-janus/fake-peer-connection.ts';
import { setUp, ways } from '../unit/adapters/naf-janus/naf-janus-stage.ts';
import { Brittle } from './brittle.ts';
import type { Dice } from './dice.ts';
import { Call } from './life.ts';
import { passQuickly } from './pass.ts';
import { TokenBackend, type World } from './world.ts';

const methods = [
  'createPublisher',
  'associate',
  'sendJoin',
  'createSubscriber',
  'addAvailableOccupant',
  'removeAvailableOccupant',
  'removeOccupant',
  'setMediaStream',
  'setLocalMediaStream',
  'setJoinToken',
  'syncOccupants',
  'updateTimeOffset',
  'disconnect',
  'kick',
  'block',
  'unblock',
];
const frames = ['create', 'attach', 'join', 'offer', 'answer', 'keepalive', 'kick', 'block'];

/** One participant of a networked-aframe scene on Janus, with either vendor. */
export function nafJanusWorld(dice: Dice): World {
  const brittle = new Brittle(dice);
  const { Vendor } = dice.pick(ways)[1];
  let backend: TokenBackend | undefined;
  const stage = setUp({
    way: { Vendor: brittle.subclass(Vendor, methods), sceneDriven: false },
    session: { tokenSource: (request) => backend!.source(request) },
    serverNow: () => backend?.now() ?? 0,
  });
  const { server, clock, session, adapter } = stage;
  backend = new TokenBackend(clock, dice);
  const tokens = backend;
  let refusal: string | false = false;
  clock.nextRandom = dice.random;
  server.refuses = ({ token, media }) => {
    tokens.arrived(token, media ? `a join for ${media}` : 'our join');
    return refusal;
  };
  const ids = () =>
    session.participants
      .map(({ id }) => id)
      .sort()
      .join();

  return {
    ...{ session: session as World['session'], clock, brittle, backend, open: stage.open },
    pass: passQuickly(clock),
    incidents: [
      { name: 'drop', happen: () => server.drop(dice.pick([undefined, 1000, 1011])) },
      { name: 'server down', happen: () => Object.assign(server, { up: false }) && server.drop() },
      { name: 'server up', happen: () => Object.assign(server, { up: true }) },
      { name: 'server silent', happen: () => Object.assign(server, { silent: true }) },
      { name: 'server talks', happen: () => Object.assign(server, { silent: false }) },
      { name: 'session timeout', happen: () => server.timeOut() },
      { name: 'server forgets', happen: () => server.forget() },
      { name: 'hangup', happen: () => server.hangUp(dice.pick([undefined, 'bob'])) },
      { name: 'kicked', happen: () => dice.chance(0.3) && server.kickOut() },
      { name: 'previous session', happen: () => Object.assign(server, { keepsPrevious: dice.chance(0.5) }) },
      { name: 'a frame is ignored', happen: () => server.ignores.add(dice.pick(frames)) },
      { name: 'nothing ignored', happen: () => server.ignores.clear() },
      { name: 'a frame fails', happen: () => server.fails.add(dice.pick(frames)) },
      { name: 'nothing fails', happen: () => server.fails.clear() },
      {
        name: 'joins refused',
        happen: () => {
          refusal = dice.pick([
            false,
            'Rejecting join with invalid token!',
            'Room is full.',
            'Something new',
          ]);
        },
      },
      { name: 'media does not come up', happen: () => (FakePeerConnection.works = dice.chance(0.5)) },
      { name: 'bob comes', happen: () => server.others.includes('bob') || server.join('bob') },
      { name: 'bob goes', happen: () => server.others.includes('bob') && server.leave('bob') },
      { name: 'eve comes', happen: () => server.others.includes('eve') || server.join('eve') },
      {
        name: 'ice',
        happen: () => {
          const all = [...FakePeerConnection.open];
          if (all.length > 0) dice.pick(all).become(dice.pick(['disconnected', 'failed', 'connected']));
        },
      },
      { name: 'block', happen: () => new Call('block', adapter.block('bob')) },
      { name: 'unblock', happen: () => new Call('unblock', adapter.unblock('bob')) },
      { name: 'the page has no time', happen: () => Object.assign(stage.time, { works: dice.chance(0.5) }) },
      ...[...methods, 'new'].flatMap((method) => [
        { name: `${method} throws once`, happen: () => brittle.arm(method, 'once') },
        { name: `${method} throws`, happen: () => method !== 'new' && brittle.arm(method, 'always') },
      ]),
    ],
    heal() {
      Object.assign(server, { up: true, silent: false, keepsPrevious: false });
      FakePeerConnection.works = true;
      stage.time.works = true;
      refusal = false;
      server.ignores.clear();
      server.fails.clear();
    },
    halfOpen() {
      const sockets = server.network.open().length;
      if (sockets !== 1) return `${sockets} sockets`;
      const own = stage.own();
      if (own?.connectionState !== 'connected') return `our connection is ${own?.connectionState}`;
      const others = [...server.others].sort().join();
      if (ids() !== others) return `it sees ${ids()}, not ${others}`;
      const heard = [...new Set(session.tracks.map(({ participantId }) => participantId))].sort().join();
      if (heard !== others && !tokens.hasDenied) return `it hears ${heard}, not ${others}`;
      const connections = FakePeerConnection.open.size;
      if (connections > 1 + server.others.length) return `${connections} peer connections`;
      return undefined;
    },
    copies: () => [(session.vendor as { joinToken?: string } | undefined)?.joinToken],
  };
}
