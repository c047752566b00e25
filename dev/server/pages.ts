import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { createServer as createViteServer, type Plugin, type ViteDevServer } from 'vite';
import { entries } from '../../entries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The package's entry points, so that pages run its sources under the names users import. */
const alias = entries.map(({ name, source }) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`../../${source}`, import.meta.url)),
}));

/**
 * Serves the repository's pages and TypeScript: `/dev/…`, `/examples/…`, `/test/…`, packages by their names, and the
 * script-tag file at the place where a build writes it.
 *
 * @param server Carries the live reload socket beside everything else.
 * @param watch false: files are not watched and pages open no live reload socket, so nothing reloads them.
 */
export function createPages(server: Server, { watch }: { watch: boolean }): Promise<ViteDevServer> {
  return createViteServer({
    configFile: false,
    envDir: false,
    publicDir: false,
    root,
    appType: 'mpa',
    cacheDir: '.cache/vite',
    logLevel: 'warn',
    resolve: { alias },
    // Nothing is discovered later: a package found while a page runs would reload that page.
    optimizeDeps: {
      noDiscovery: true,
      include: [
        'jwt-decode',
        'eventemitter3',
        '@antmedia/webrtc_adaptor/dist/es/webrtc_adaptor.js',
        'react',
        'react/jsx-dev-runtime',
        'react-dom/client',
        'vue',
      ],
    },
    server: {
      middlewareMode: true,
      host: '127.0.0.1',
      ...(watch ? { ws: { server } } : { hmr: false, ws: false, watch: null }),
    },
    plugins: [scriptTagFile(), vue(), ...(watch ? [] : [withoutLiveReload()])],
  });
}

/** Bundles the script-tag file from its sources at each request, so that it needs no build and is never out of date. */
function scriptTagFile(): Plugin {
  return {
    name: 'script-tag-file',
    configureServer({ middlewares }) {
      middlewares.use('/dist/room-session.global.js', async (_request, response, next) => {
        try {
          const { build } = await import('esbuild');
          const { outputFiles } = await build({
            entryPoints: [`${root}/src/global.ts`],
            bundle: true,
            write: false,
            format: 'iife',
            globalName: 'RoomSession',
            target: 'es2022',
            logLevel: 'warning',
          });
          response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(outputFiles[0]?.text);
        } catch (error) {
          next(error);
        }
      });
    },
  };
}

/** Takes the connection out of the live reload client: it would fail, and say so on every page's console. */
function withoutLiveReload(): Plugin {
  return {
    name: 'without-live-reload',
    transform(code, id) {
      if (!id.includes('/vite/dist/client/client.mjs')) return undefined;
      return {
        code: code.replace('transport.connect(createHMRHandler', '(() => {})(createHMRHandler'),
        map: null,
      };
    },
  };
}
