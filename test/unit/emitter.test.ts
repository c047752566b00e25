// @vitest-environment node
import { expect, test } from 'vitest';
import { Emitter } from '../../src/emitter.ts';
import { collectReports } from './session-stage.ts';

class Bell extends Emitter<{ rang: number; stopped: string }> {
  ring(times: number): void {
    this.emit('rang', times);
  }
}

test('calls all listeners of an event, in order, with its payload', () => {
  const bell = new Bell();
  const heard: string[] = [];
  bell.on('rang', (times) => heard.push(`first ${times}`));
  bell.on('rang', (times) => heard.push(`second ${times}`));
  bell.on('stopped', () => heard.push('never'));
  bell.ring(3);
  expect(heard).toEqual(['first 3', 'second 3']);
});

test('calls a once-listener once, unless it was removed before', () => {
  const bell = new Bell();
  const heard: number[] = [];
  bell.once('rang', (times) => heard.push(times));
  bell.once('rang', (times) => heard.push(times * 10))();
  bell.ring(1);
  bell.ring(2);
  expect(heard).toEqual([1]);
  expect(bell.listenerCount('rang')).toBe(0);
});

test('forgets a listener by off and by what on returned', () => {
  const bell = new Bell();
  const heard: number[] = [];
  const listener = (times: number) => heard.push(times);
  const off = bell.on('rang', listener);
  off();
  off();
  bell.on('rang', listener);
  bell.off('rang', listener);
  bell.ring(1);
  expect(heard).toEqual([]);
});

test('goes on to the next listener when one throws, and reports it', () => {
  const reports = collectReports();
  const bell = new Bell();
  const error = new Error('in the app');
  const heard: number[] = [];
  bell.on('rang', () => {
    throw error;
  });
  bell.on('rang', (times) => heard.push(times));
  bell.ring(1);
  expect(heard).toEqual([1]);
  expect(reports).toEqual([error]);
});

test('reports what an async listener rejects with', async () => {
  const reports = collectReports();
  const bell = new Bell();
  const error = new Error('in the app, later');
  bell.on('rang', async () => {
    throw error;
  });
  bell.ring(1);
  await Promise.resolve();
  await Promise.resolve();
  expect(reports).toEqual([error]);
});

test('off removes what once added, and a listener that was added twice', () => {
  const bell = new Bell();
  const heard: number[] = [];
  const listener = (times: number) => heard.push(times);
  bell.once('rang', listener);
  bell.off('rang', listener);
  bell.on('rang', listener);
  bell.on('rang', listener);
  bell.off('rang', listener);
  bell.ring(1);
  expect(heard).toEqual([]);
  expect(bell.listenerCount('rang')).toBe(0);
});
