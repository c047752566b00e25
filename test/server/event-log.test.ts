// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../dev/server/event-log.ts';

const open = { type: 'socket-open', app: 'LiveApp', socket: 1 } as const;

describe('EventLog', () => {
  it('numbers its entries from 1 and says when they were made', () => {
    const log = new EventLog();
    log.add(open);
    log.add(open);
    expect(log.since().map(({ seq }) => seq)).toEqual([1, 2]);
    expect(Math.abs((log.since()[0]?.at ?? 0) - Date.now())).toBeLessThan(1000);
    expect(log.last).toBe(2);
  });

  it('gives the entries after a number', () => {
    const log = new EventLog();
    for (let entry = 0; entry < 5; entry += 1) log.add(open);
    expect(log.since(3).map(({ seq }) => seq)).toEqual([4, 5]);
  });

  it('keeps the newest entries only', () => {
    const log = new EventLog(10);
    for (let entry = 0; entry < 1000; entry += 1) log.add(open);
    expect(log.since().length).toBeLessThanOrEqual(12);
    expect(log.since().at(-1)?.seq).toBe(1000);
  });
});
