import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { outcome } from '../../session-stage.ts';
import { setUp } from './jitsi-stage.ts';

const page = globalThis as { JitsiMeetExternalAPI?: unknown };

/** The scripts that were put into the page, and what becomes of them. */
let scripts: HTMLScriptElement[] = [];
const isThere = new Set<HTMLScriptElement>();

beforeEach(() => {
  scripts = [];
  isThere.clear();
  // Nothing shall be loaded here.
  vi.spyOn(document.head, 'append').mockImplementation((...elements) => {
    for (const element of elements as HTMLScriptElement[]) {
      scripts.push(element);
      isThere.add(element);
      element.remove = () => isThere.delete(element);
    }
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  delete page.JitsiMeetExternalAPI;
});

function arrive(script: HTMLScriptElement | undefined, vendor: unknown): void {
  page.JitsiMeetExternalAPI = vendor;
  script?.onload?.(new Event('load'));
}

test('the script is loaded once for all who join at once, and for those who join later', async () => {
  const [one, two] = [setUp({ adapter: { vendor: undefined } }), setUp({ adapter: { vendor: undefined } })];
  const joins = [outcome(one.session.join('standup')), outcome(two.session.join('standup'))];
  await one.pass(1_000);
  await two.pass(1_000);
  expect(scripts.map(({ src }) => src)).toEqual(['https://meet.example.org/external_api.js']);
  arrive(scripts[0], one.server.Api);
  await one.pass(1_000);
  expect(joins).toEqual([{ done: true }, { done: true }]);
  expect(one.server.frames).toHaveLength(2);
  const left = one.session.leave();
  await one.pass(0);
  await left;
  await one.join();
  expect(scripts).toHaveLength(1);
  expect(isThere.size).toBe(0);
});

test('a script that fails is a typed error with its address and a hint, and loaded again by the next join', async () => {
  const { session, server, pass, open } = setUp({ adapter: { vendor: undefined } });
  const join = outcome(session.join('standup'));
  await pass(1_000);
  scripts[0]?.onerror?.(new Event('error'));
  await pass(0);
  expect(join.error).toMatchObject({ code: 'vendor_missing' });
  expect(String(join.error)).toContain('https://meet.example.org/external_api.js');
  expect(String(join.error)).toContain('CSP');
  expect(isThere.size).toBe(0);
  expect(open()).toEqual([]);
  const again = session.join('standup');
  await pass(1_000);
  expect(scripts).toHaveLength(2);
  arrive(scripts[1], server.Api);
  await pass(0);
  await again;
});

test('a script that sets no global, as beside an AMD loader, is a missing vendor', async () => {
  const { session, pass } = setUp({ adapter: { vendor: undefined } });
  const join = outcome(session.join('standup'));
  await pass(1_000);
  arrive(scripts[0], undefined);
  await pass(0);
  expect(join.error).toMatchObject({ code: 'vendor_missing' });
});

test('a class that the page has is taken, whichever deployment’s it is', async () => {
  const { join, server } = setUp({ adapter: { vendor: undefined } });
  page.JitsiMeetExternalAPI = server.Api;
  await join();
  expect(scripts).toEqual([]);
});

test('a class that the app loads is taken', async () => {
  const load = vi.fn();
  const { join, server } = setUp({ adapter: { vendor: undefined, load } });
  load.mockResolvedValue(server.Api);
  await join();
  expect(load).toHaveBeenCalledTimes(1);
  expect(scripts).toEqual([]);
});

test('a join that is left while the script loads is over at once, and makes no frame later', async () => {
  const { session, server, pass, open } = setUp({ adapter: { vendor: undefined } });
  const join = outcome(session.join('standup'));
  await pass(1_000);
  await session.leave();
  expect(join.error).toMatchObject({ name: 'AbortError' });
  expect(open()).toEqual([]);
  arrive(scripts[0], server.Api);
  await pass(1_000);
  expect(server.frames).toEqual([]);
  expect(isThere.size).toBe(0);
});

describe('the script’s address', () => {
  const at = (address: string) => {
    const before = location.href;
    location.href = address;
    onTestFinished(() => {
      location.href = before;
    });
  };

  test.each([
    ['meet.example.org', {}, 'https://app.example.org/', 'https://meet.example.org/external_api.js'],
    ['meet.example.org', {}, 'http://app.example.org/', 'https://meet.example.org/external_api.js'],
    ['127.0.0.1:8080/jitsi', {}, 'http://localhost:3000/', 'http://127.0.0.1:8080/jitsi/external_api.js'],
    ['localhost:8443', {}, 'https://localhost/', 'https://localhost:8443/external_api.js'],
    ['localhost.example.org', {}, 'http://localhost/', 'https://localhost.example.org/external_api.js'],
    [
      '8x8.vc',
      { tenant: 'vpaas-magic-cookie-1f' },
      'https://app.example.org/',
      'https://8x8.vc/vpaas-magic-cookie-1f/external_api.js',
    ],
    [
      'meet.example.org',
      { tenant: 'acme' },
      'https://app.example.org/',
      'https://meet.example.org/external_api.js',
    ],
    [
      'meet.example.org',
      { scriptUrl: 'https://cdn.example.org/api.js' },
      'https://app.example.org/',
      'https://cdn.example.org/api.js',
    ],
  ])('of %s with %o on a page at %s is %s', async (domain, more, address, url) => {
    at(address);
    const { session, pass } = setUp({ adapter: { vendor: undefined, domain, ...more } });
    const join = outcome(session.join('standup'));
    await pass(1_000);
    expect(scripts.map(({ src }) => src)).toEqual([url]);
    scripts[0]?.onerror?.(new Event('error'));
    await pass(0);
    expect(join.done).toBe(true);
  });
});

describe('a script that hangs', () => {
  test('is given up after 10 s and asked for anew, under another address', async () => {
    const { session, server, pass } = setUp({ adapter: { vendor: undefined } });
    const join = outcome(session.join('standup'));
    await pass(9_900);
    expect(scripts).toHaveLength(1);
    await pass(200);
    expect(scripts.map(({ src }) => src)).toEqual([
      'https://meet.example.org/external_api.js',
      'https://meet.example.org/external_api.js?again',
    ]);
    arrive(scripts[1], server.Api);
    await pass(1_000);
    expect(join).toEqual({ done: true });
  });

  test('twice is a missing vendor', async () => {
    const { session, pass, open } = setUp({ adapter: { vendor: undefined } });
    const join = outcome(session.join('standup'));
    await pass(20_100);
    expect(join.error).toMatchObject({ code: 'vendor_missing' });
    expect(open()).toEqual([]);
  });

  test('does not hang the next join, nor one that waited with the first', async () => {
    const [one, two] = [setUp({ adapter: { vendor: undefined } }), setUp({ adapter: { vendor: undefined } })];
    outcome(one.session.join('standup'));
    await one.pass(1_000);
    const left = one.session.leave();
    await one.pass(0);
    await left;
    expect(one.clock.timerCount).toBe(0);
    const join = outcome(two.session.join('standup'));
    await two.pass(10_100);
    expect(scripts).toHaveLength(2);
    arrive(scripts[1], two.server.Api);
    await two.pass(1_000);
    expect(join).toEqual({ done: true });
  });
});
