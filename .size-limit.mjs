// Measured as an application gets it: the built entry with all it imports (npm dependencies too, no vendor library),
// bundled and minified by esbuild, then compressed with Brotli at its best. What needs the core is measured beside it.
// The budget of an application with the core, the endpoint and one adapter is 15 kB; it is not kept
// now, so applications and parts are held to where they are.
const vendors = ['@antmedia/*', 'naf-janus-adapter', 'aframe'];
const token = ['*/chunks/token.js', './token.js'];
const shared = ['*/chunks/shared.js', './shared.js'];
const adapters = [
  { entry: 'ant-media', name: 'antMedia', limit: '7.8 kB' },
  { entry: 'naf-janus', name: 'nafJanus', limit: '6.1 kB' },
  { entry: 'jitsi', name: 'jitsi', limit: '7.1 kB' },
].map((adapter) => ({ ...adapter, path: `dist/adapters/${adapter.entry}/index.js` }));

export default [
  ...adapters.map(({ name, path }) => ({
    name: `an application: RoomSession, tokenEndpoint, ${name}`,
    path: ['dist/index.js', path],
    import: { 'dist/index.js': '{ RoomSession, tokenEndpoint }', [path]: `{ ${name} }` },
    limit: '26.6 kB',
    ignore: vendors,
  })),
  {
    name: 'RoomSession, beside its token part',
    path: 'dist/index.js',
    import: '{ RoomSession }',
    limit: '12.3 kB',
    ignore: [...token, ...shared],
  },
  { name: 'room-session/token', path: 'dist/token/index.js', limit: '6.3 kB' },
  ...adapters.map(({ entry, path, limit }) => ({
    name: `room-session/${entry}, beside the core`,
    path,
    limit,
    ignore: [...vendors, ...shared],
  })),
];
