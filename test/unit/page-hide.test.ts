import { describe, expect, test } from 'vitest';
import { settle } from '../../src/testing/index.ts';
import { expectNothingLeft, setUp } from './session-stage.ts';

const go = (type: 'pagehide' | 'pageshow', persisted: boolean) =>
  globalThis.dispatchEvent(Object.assign(new Event(type), { persisted }));

describe('a page that goes', () => {
  test('leaves the room in the same task', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    go('pagehide', false);
    expect(stage.named('stateChanged').at(-1)).toMatchObject({ state: 'disconnected', reason: 'left' });
    expect(stage.adapter.ends).toBe(1);
    await settle();
    expectNothingLeft(stage);
    go('pageshow', true);
    expect(stage.session.state).toBe('disconnected');
  });

  test('and comes back from the back/forward cache joins the same room again, as the same person', async () => {
    const stage = setUp();
    await stage.session.join('standup', { identity: 'ada' });
    go('pagehide', true);
    go('pageshow', true);
    await settle();
    expect(stage.session.state).toBe('connected');
    expect(stage.adapter.attempt).toMatchObject({ room: 'standup', identity: 'ada' });
    go('pageshow', true);
    await settle();
    expect(stage.adapter.attempts).toHaveLength(2);
  });

  test('during a join ends that join', async () => {
    const stage = setUp();
    stage.adapter.onConnect = () => {};
    const join = stage.session.join('standup').catch((error) => error);
    await settle();
    go('pagehide', false);
    expect(await join).toMatchObject({ name: 'AbortError' });
    await settle();
    expectNothingLeft(stage);
  });

  test('stays in the room where the option says so', async () => {
    const stage = setUp({ leaveOnPageHide: false });
    await stage.session.join('standup');
    go('pagehide', false);
    expect(stage.session.state).toBe('connected');
    await stage.session.leave();
  });

  test('does nothing after leave()', async () => {
    const stage = setUp();
    await stage.session.join('standup');
    await stage.session.leave();
    const told = stage.events.length;
    go('pagehide', true);
    go('pageshow', true);
    await settle();
    expect(stage.events).toHaveLength(told);
  });
});
