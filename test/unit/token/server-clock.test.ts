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

test('an exact time from before an iat does not let that iat count again', async () => {
  const { clock, time } = setUp();
  time.anchor(start + 60_000, 0, false);
  time.anchor(start + 58_000, 0, true);
  clock.sleep(30_000);
  time.anchor(start + 59_000, 0, false);
  expect(time.now()).toBe(start + 88_000);
});

test('a clock that is set back does not hide the sleep after it', async () => {
  const { clock, time } = setUp();
  time.anchor(start, 0, true);
  clock.step(-1_800_000);
  time.now();
  clock.sleep(1_500_000);
  expect(time.now()).toBe(start + 1_500_000);
  clock.step(-600_000);
  time.now();
  clock.sleep(600_000);
  expect(time.now()).toBe(start + 2_100_000);
});

test.each([-540_000, 660_000])(
  'iat and the local clock win against a Date that is %i ms off',
  async (off) => {
    const { clock, time } = setUp();
    for (let answer = 0; answer < 3; answer++) {
      const now = clock.now();
      time.anchor(now + off, 0, true, { issuedAt: now, endsAt: now + 600_000 });
      expect(time.now()).toBe(now);
      await clock.advance(400_000);
    }
  },
);

test('a Date is never earlier than the iat beside it', () => {
  const { clock, time } = setUp();
  clock.step(-3_600_000);
  time.anchor(start - 540_000, 0, true, { issuedAt: start, endsAt: start + 600_000 });
  expect(time.now()).toBe(start);
});

test('a server whose clock is put right by an hour is believed at its second answer', async () => {
  const { clock, time } = setUp();
  const answer = (aheadMs: number) => {
    const at = clock.now() + aheadMs;
    time.anchor(at, 0, true, { issuedAt: at, endsAt: at + 600_000 });
  };
  answer(3_600_000);
  await clock.advance(400_000);
  answer(0);
  expect(time.now()).toBe(clock.now() + 3_600_000);
  await clock.advance(60_000);
  answer(0);
  expect(time.now()).toBe(clock.now());
});
