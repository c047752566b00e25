export { FakeAdapter } from './fake-adapter.ts';
export { FakeClock, settle } from './fake-clock.ts';
