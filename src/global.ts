/** What the script-tag file puts into the global `RoomSession`: everything but the testing tools. */
export * from './adapters/ant-media/index.ts';
export * from './adapters/jitsi/index.ts';
export * from './adapters/naf-janus/index.ts';
export * from './aframe.ts';
export * from './index.ts';
