// Measured as an application gets it: the built entry with all it imports (npm dependencies too, no vendor library),
// bundled and minified by esbuild, then compressed with Brotli at its best. An entry that needs another one is measured
// without it, because the application has that already; the last line is the whole of it.
const vendors = ['@antmedia/*', 'naf-janus-adapter', 'aframe'];
const token = '*/chunks/token.js';
const shared = '*/chunks/shared.js';

export default [
  { name: 'room-session/token', path: 'dist/token/index.js', limit: '4 kB', ignore: vendors },
  {
    name: 'room-session, beside its token part',
    path: 'dist/index.js',
    limit: '5 kB',
    ignore: [token, shared],
  },
  {
    name: 'room-session/ant-media, beside the core',
    path: 'dist/adapters/ant-media/index.js',
    limit: '3 kB',
    ignore: [...vendors, shared],
  },
  {
    name: 'an application: RoomSession, tokenEndpoint, antMedia',
    path: ['dist/index.js', 'dist/adapters/ant-media/index.js'],
    import: {
      'dist/index.js': '{ RoomSession, tokenEndpoint }',
      'dist/adapters/ant-media/index.js': '{ antMedia }',
    },
    limit: '12 kB',
    ignore: vendors,
  },
];
