import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { JanusAdapter } from '../../../../src/adapters/naf-janus/index.ts';
import { FakeAFrame } from './fake-aframe.ts';
import type { VendorClass } from './forked-adapter.ts';

const { resolve } = createRequire(import.meta.url);

/** Runs a file of a package as a classic script of the page does, without its log. */
// biome-ignore lint/suspicious/noExplicitAny: the packages have no types.
function run(file: string): any {
  const quiet = Object.fromEntries(
    ['debug', 'log', 'info', 'warn', 'error'].map((method) => [method, () => {}]),
  );
  const module = { exports: {} };
  new Function('module', 'console', readFileSync(resolve(file), 'utf8'))(module, quiet);
  return module.exports;
}

const aframe = new FakeAFrame();
const page = globalThis as Record<string, unknown>;
page['AFRAME'] = aframe;

const NetworkConnection = run('networked-aframe/src/NetworkConnection.js');
const NafLogger = run('networked-aframe/src/NafLogger.js');

/** networked-aframe's adapters; its own bring servers along. */
const adapters = {
  IS_CONNECTED: 'IS_CONNECTED',
  NOT_CONNECTED: 'NOT_CONNECTED',
  adapters: {} as Record<string, VendorClass>,
  register(name: string, Adapter: VendorClass): void {
    this.adapters[name] = Adapter;
  },
  make(name: string): JanusAdapter {
    const Adapter = this.adapters[name];
    if (!Adapter) throw new Error(`Adapter: ${name} not registered.`);
    return new Adapter();
  },
};

/** networked-aframe: its real connection and, below, its real component, without the entities of a scene. */
const naf = {
  app: '',
  room: '',
  clientId: '',
  log: new NafLogger(),
  adapters,
  connection: new NetworkConnection({
    updateEntity() {},
    updateEntityMulti() {},
    removeRemoteEntity() {},
    removeRemoteEntities() {},
    removeEntitiesOfClient() {},
    completeSync() {},
  }) as { adapter: JanusAdapter | null; disconnect(): void },
};
page['NAF'] = naf;

run('networked-aframe/src/components/networked-scene.js');
run('naf-janus-adapter/dist/naf-janus-adapter.js');

/** naf-janus-adapter 4.0.1, the real one. */
const RealAdapter = adapters.adapters['janus'] as VendorClass;

export { aframe, naf, RealAdapter };
