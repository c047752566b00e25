import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenRefresher } from '../../../src/token/index.ts';
import {
  fetchJanusToken,
  JanusClient,
  type JanusHandle,
  type PluginData,
} from '../../server/support/janus-client.ts';
import { eventsOf, pause, type Stage, startStage, until } from '../harness.ts';
import { joinsSince, sceneIn } from './scenes.ts';

const lifetimeS = 12;
const room = 'crowd';
const size = 30;

/** A participant without a browser: as the vendor's client, connected before its join, with tokens from our refresher. */
async function participant(stage: Stage, user: string): Promise<() => Promise<void>> {
  const refresher = new TokenRefresher(() => fetchJanusToken(stage.server, room, user));
  const client = await JanusClient.create(stage.server);
  const publisher = await client.attach();
  await publisher.connect();
  const join = async (handle: JanusHandle, subscribe: object): Promise<PluginData | undefined> => {
    const token = (await refresher.getToken())?.value;
    const body = { kind: 'join', room_id: room, user_id: user, subscribe, token };
    return (await handle.message(body)).plugindata?.data;
  };
  const wanted = new Set<string>();
  const want = async (other: string) => {
    if (wanted.has(other)) return;
    wanted.add(other);
    await join(await client.attach(), { media: other });
  };
  const joined = await join(publisher, { notifications: true, data: true });
  for (const other of joined?.response?.users?.[room] ?? []) void want(other);
  const listening = setInterval(() => {
    for (const { plugindata } of client.frames) {
      const { event, user_id: other } = plugindata?.data ?? {};
      if (event === 'join') void want(String(other));
    }
  }, 100);
  return async () => {
    clearInterval(listening);
    refresher.stop();
    await client.close();
  };
}

describe('30 who come within 5 s around the moment a token expires', () => {
  let stage: Stage;
  const leave: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    stage = await startStage({ settings: { tokenLifetimeS: lifetimeS } });
  });
  afterAll(async () => {
    await Promise.all(leave.map((each) => each()));
    await stage.close();
  });

  test('are all subscribed to each other and to the scene, and it to them, without one refused join', async () => {
    const page = await sceneIn(stage, { room, identity: 'ann' });
    const { expiresAt } = (await eventsOf(page, 'tokenRefreshed')).at(-1) as { expiresAt: number };
    await pause(expiresAt - 2_500 - Date.now());
    const names = Array.from({ length: size }, (_, index) => `guest-${index}`);
    await Promise.all(
      names.map(async (name, index) => {
        await pause((index * 5_000) / size);
        leave.push(await participant(stage, name));
      }),
    );
    const everybody = [...names, 'ann'];
    const pairs = everybody.flatMap((user) =>
      everybody.filter((other) => other !== user).map((other) => `${user} to ${other}`),
    );
    const subscribed = () => {
      const joins = joinsSince(stage, room).filter(({ role }) => role === 'subscriber');
      return new Set(joins.map(({ user, media }) => `${user} to ${media}`));
    };
    await until('everybody is subscribed to everybody', () => subscribed().size >= pairs.length, 60_000);
    expect([...subscribed()].sort()).toEqual(pairs.sort());
    const refused = joinsSince(stage, room).filter(({ token, answer }) => !token.ok || answer !== 'joined');
    expect(refused).toEqual([]);
    expect(await eventsOf(page, 'participantJoined')).toHaveLength(size);
  });
});
