// @vitest-environment node
import { describe, expect, test } from 'vitest';
import { adapterContract, FakeAdapter } from '../../../src/testing/index.ts';
import { fakeAdapterStage } from './fake-adapter-stage.ts';

describe('FakeAdapter', () => {
  for (const { name, run } of adapterContract(fakeAdapterStage)) test(name, run);

  test('has no attempt before a join, and says so', () => {
    expect(() => new FakeAdapter().attempt).toThrow('Join first');
  });
});
