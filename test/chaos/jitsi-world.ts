import type { Login } from '../unit/adapters/jitsi/fake-meet.ts';
import { setUp } from '../unit/adapters/jitsi/jitsi-stage.ts';
import { Brittle } from './brittle.ts';
import type { Dice } from './dice.ts';
import { TokenBackend, type World } from './world.ts';

const methods = [
  'addListener',
  'executeCommand',
  'getSupportedCommands',
  'isAudioMuted',
  'isVideoMuted',
  'getCurrentDevices',
  'dispose',
];
const logins: readonly Login[] = [
  'in',
  'in',
  'in',
  'refused',
  'silent',
  'waiting-for-host',
  'lobby',
  'not-allowed',
];
const errors = [
  'conference.connectionError.serverError',
  'connection.droppedError',
  'conference.destroyed',
  'gum.permission_denied',
  'something.new',
];

/** One participant of a Jitsi meeting. */
export function jitsiWorld(dice: Dice): World {
  const brittle = new Brittle(dice);
  let backend: TokenBackend | undefined;
  let login: Login = 'in';
  const stage = setUp({
    session: { tokenSource: (request) => backend!.source(request) },
    vendor: (Api) => brittle.subclass(Api, methods),
  });
  const { server, clock, session } = stage;
  backend = new TokenBackend(clock, dice);
  const tokens = backend;
  clock.nextRandom = dice.random;
  const seen = new Set<string>();
  server.login = (jwt = '') => {
    // A page that loads again has its first token only; the frame is replaced then.
    const isFirst = !seen.has(jwt);
    seen.add(jwt);
    if (isFirst) tokens.arrived(jwt, 'a login');
    return tokens.isValid(jwt) ? login : 'refused';
  };
  const newest = () => server.open.at(-1);

  return {
    ...{ session: session as World['session'], clock, brittle, backend, open: stage.open },
    pass: stage.pass,
    incidents: [
      { name: 'logins', happen: () => (login = dice.pick(logins)) },
      { name: 'pages do not load', happen: () => Object.assign(server, { loads: dice.chance(0.5) }) },
      { name: 'pages do not answer', happen: () => Object.assign(server, { answers: dice.chance(0.5) }) },
      { name: 'pages do not leave', happen: () => Object.assign(server, { leaves: dice.chance(0.5) }) },
      { name: 'the page loads again', happen: () => newest()?.load() },
      { name: 'the person hangs up', happen: () => dice.chance(0.3) && newest()?.hangUp() },
      { name: 'error', happen: () => newest()?.fail(dice.pick(errors), { isFatal: dice.chance(0.5) }) },
      { name: 'muted', happen: () => newest()?.mute(dice.pick(['audio', 'video']), dice.chance(0.5)) },
      { name: 'tile view', happen: () => newest()?.say('tileViewChanged', { enabled: dice.chance(0.5) }) },
      { name: 'bob comes', happen: () => server.others.has('bob') || server.join('bob') },
      { name: 'bob goes', happen: () => server.others.has('bob') && server.leave('bob') },
      {
        name: 'kicked',
        happen: () => dice.chance(0.3) && newest()?.say('participantKickedOut', { kicked: { local: true } }),
      },
      ...[...methods, 'new'].flatMap((method) => [
        { name: `${method} throws once`, happen: () => brittle.arm(method, 'once') },
        { name: `${method} throws`, happen: () => method !== 'new' && brittle.arm(method, 'always') },
      ]),
    ],
    heal() {
      Object.assign(server, { loads: true, answers: true, leaves: true });
      login = 'in';
      // The host comes, and lets in who waits; a page that did not load is loaded again by its person.
      const frame = newest();
      if (frame && !frame.loaded) frame.load();
      else if (frame && !frame.inRoom) frame.logIn();
    },
    halfOpen() {
      if (server.open.length !== 1) return `${server.open.length} frames`;
      if (!newest()?.inRoom) return 'the page is not in the room';
      const ids = session.participants.map(({ id }) => id).join();
      const others = [...server.others.keys()].join();
      return ids === others ? undefined : `it sees ${ids}, not ${others}`;
    },
    // A frame keeps the token that it was made with, and does not need another one.
    copies: () => [],
  };
}
