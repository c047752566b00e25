import { act, createElement, StrictMode, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setUp, videoTrack } from './session-stage.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const listEvents = [
  'stateChanged',
  'participantJoined',
  'participantLeft',
  'trackAdded',
  'trackRemoved',
] as const;

/** Renders what `read` answers, as React reads it from an external store. */
async function render(stage: ReturnType<typeof setUp>, read: () => unknown): Promise<HTMLElement> {
  const subscribe = (changed: () => void) => {
    const stops = listEvents.map((name) => stage.session.on(name, changed));
    return () => {
      for (const stop of stops) stop();
    };
  };
  const Shown = () => createElement('p', null, JSON.stringify(useSyncExternalStore(subscribe, read)));
  const element = document.createElement('div');
  const root = createRoot(element);
  onTestFinished(() => act(async () => root.unmount()));
  await act(async () => root.render(createElement(StrictMode, null, createElement(Shown))));
  return element;
}

describe('a React component that reads the session as an external store', () => {
  test.each(['participants', 'tracks'] as const)('shows session.%s and follows it', async (list) => {
    const stage = setUp();
    const { session, adapter } = stage;
    await session.join('standup');
    const shown = await render(stage, () => session[list]);
    const count = () => JSON.parse(shown.textContent ?? '').length;
    expect(count()).toBe(0);
    expect(session[list]).toBe(session[list]);
    await act(async () => adapter.attempt.tracks('bob', [videoTrack()]));
    expect(count()).toBe(1);
    expect(session[list]).toBe(session[list]);
    await act(async () => session.leave());
    expect(count()).toBe(0);
    expect(session[list]).toBe(session[list]);
  });

  test.each(['state', 'room'] as const)('shows session.%s and follows it', async (name) => {
    const stage = setUp();
    const shown = await render(stage, () => stage.session[name] ?? 'none');
    const expected = { state: ['connected', 'disconnected'], room: ['standup', 'none'] }[name];
    await act(async () => stage.session.join('standup'));
    expect(shown.textContent).toBe(JSON.stringify(expected[0]));
    await act(async () => stage.session.leave());
    expect(shown.textContent).toBe(JSON.stringify(expected[1]));
  });
});
