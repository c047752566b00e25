import { HttpError } from '../http.ts';
import type { JitsiServer } from './jitsi-server.ts';
import type { Who } from './prosody.ts';

type Fields = Readonly<Record<string, unknown>>;
type Fault = (jitsi: JitsiServer, who: Who, fields: Fields) => number;

const faults: Readonly<Record<string, Fault>> = {
  fail: (jitsi, who, { name }) => jitsi.fail(text('name', name), who),
  notify: (jitsi, who, { title, description }) =>
    jitsi.notify({
      ...who,
      ...(title === undefined ? {} : { title: text('title', title) }),
      ...(description === undefined ? {} : { description: text('description', description) }),
    }),
  suspend: (jitsi, who) => jitsi.suspend(who),
  reload: (jitsi, who) => jitsi.reload(who),
  hangUp: (jitsi, who) => jitsi.hangUp(who),
  silence: (jitsi, who) => jitsi.silence(who),
  breakout: (jitsi, who) => jitsi.breakout(who),
  mainRoom: (jitsi, who) => jitsi.breakout({ ...who, back: true }),
  kick: (jitsi, who) => jitsi.kick(who),
  admit: (jitsi, who) => jitsi.admit(who),
  reject: (jitsi, who) => jitsi.reject(who),
  destroy: (jitsi, { room }) => jitsi.destroy(text('room', room)),
  restart: (jitsi, { room }) => jitsi.destroy(text('room', room), { restart: true }),
};

/**
 * Does what `POST /faults/jitsi` asks for with `{do, room?, identity?}`, and `name` for `fail`, `title` and
 * `description` for `notify`. Each `do` is a method of {@link JitsiServer}; `mainRoom` takes people back out of
 * breakout rooms, and `restart` destroys a meeting whose pages come back by themselves.
 *
 * @returns how many pages or people it was done to.
 * @throws HttpError for a request that is not understood.
 */
export function answerJitsiFault(
  { do: what, room, identity, ...fields }: Fields,
  jitsi: JitsiServer,
): number {
  const fault = Object.hasOwn(faults, String(what)) ? faults[String(what)] : undefined;
  if (!fault) throw new HttpError(400, 'bad_fault', `do must be one of ${Object.keys(faults).join(', ')}`);
  const who = {
    ...(room === undefined ? {} : { room: text('room', room) }),
    ...(identity === undefined ? {} : { identity: text('identity', identity) }),
  };
  return fault(jitsi, who, fields);
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new HttpError(400, 'bad_fault', `${name} must be a string that is not empty.`);
}
