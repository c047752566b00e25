// Measured as an application gets it: the built entry with all it imports (chunks and npm dependencies, no vendor
// library), bundled and minified by esbuild, then compressed with Brotli at its best. Each entry is measured alone, so
// what two of them share is counted in both.
export default [
  { name: 'room-session', path: 'dist/index.js', limit: '5 kB' },
  { name: 'room-session/token', path: 'dist/token/index.js', limit: '4 kB' },
  { name: 'room-session/ant-media', path: 'dist/adapters/ant-media/index.js', limit: '3 kB' },
].map((budget) => ({ ...budget, ignore: ['@antmedia/*', 'naf-janus-adapter', 'aframe'] }));
