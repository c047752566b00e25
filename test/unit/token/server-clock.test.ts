import { expect, test } from 'vitest';
import { FakeClock } from '../../../src/testing/fake-clock.ts';
import { ServerClock } from '../../../src/token/server-clock.ts';

const start = Date.UTC(2030, 0, 1);

function setUp() {
  const clock = new FakeClock(start);
  return { clock, time: new ServerClock(clock) };
}

test('the server clock is the local one before the first answer', async () => {
  const { clock, time } = setUp();
  await clock.advance(1_000);
  expect(time.now()).toBe(start + 1_000);
});

test('the server clock goes on through sleep, and does not go back with the wall clock', async () => {
  const { clock, time } = setUp();
  time.anchor(start - 60_000, 0, true);
  clock.sleep(5_000);
  expect(time.now()).toBe(start - 55_000);
  clock.step(-3_600_000);
  await clock.advance(10_000);
  expect(time.now()).toBe(start - 55_000 + 10_000);
  expect(clock.now() - time.now()).toBe(-3_600_000 + 60_000);
});

test('an iat moves the server clock forward, and never back', async () => {
  const { clock, time } = setUp();
  time.anchor(start, 0, true);
  await clock.advance(10_000);
  time.anchor(start + 4_000, 0, false);
  expect(time.now()).toBe(start + 10_000);
  time.anchor(start + 60_000, 0, false);
  expect(time.now()).toBe(start + 60_000);
});

test('an iat sets right what a step of the wall clock made of the server clock', async () => {
  const { clock, time } = setUp();
  time.anchor(start, 0, false);
  clock.step(3_600_000);
  await clock.advance(10_000);
  expect(time.now()).toBe(start + 3_610_000);
  time.anchor(start + 10_000, 0, false);
  expect(time.now()).toBe(start + 10_000);
});

test('an iat that was told before sets nothing', async () => {
  const { clock, time } = setUp();
  time.anchor(start, 0, false);
  clock.sleep(60_000);
  time.anchor(start, 0, false);
  expect(time.now()).toBe(start + 60_000);
});

test('one Date from before what is known does not set the server clock back, nor does the same one again', async () => {
  const { clock, time } = setUp();
  time.anchor(start, 0, true);
  for (let answer = 0; answer < 5; answer++) {
    await clock.advance(60_000);
    time.anchor(start, 0, true);
  }
  expect(time.now()).toBe(start + 300_000);
});

test('two Dates that go on as time does set the server clock back', async () => {
  const { clock, time } = setUp();
  time.anchor(start + 3_600_000, 0, true);
  await clock.advance(60_000);
  time.anchor(start + 60_000, 0, true);
  expect(time.now()).toBe(start + 3_660_000);
  await clock.advance(2_000);
  time.anchor(start + 62_000, 0, true);
  expect(time.now()).toBe(start + 3_662_000);
  await clock.advance(10_000);
  time.anchor(start + 72_000, 0, true);
  expect(time.now()).toBe(start + 72_000);
});
