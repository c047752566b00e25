/**
 * For tests: of an app, and of an adapter.
 *
 * @module room-session/testing
 */

export { adapterContract, type ContractCheck, type ContractOptions, type MakeStage } from './contract.ts';
export type { ContractCapability, ContractStage } from './contract-stage.ts';
export { FakeAdapter } from './fake-adapter.ts';
export { FakeClock, settle } from './fake-clock.ts';
export { type FakeClient, type WebSocketStageOptions, webSocketStage } from './websocket-stage.ts';
