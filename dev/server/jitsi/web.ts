import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { send, sendJson } from '../http.ts';
import type { JitsiSettings } from '../settings.ts';
import type { PageSettings } from './messages.ts';
import { jitsiDomain } from './tokens.ts';
import { type VendorScriptVersion, vendorScript, vendorScripts, withoutHttps } from './vendor-script.ts';

const folder = fileURLToPath(new URL('../../jitsi-meet', import.meta.url));

interface Bundles {
  readonly meeting: string;
  readonly style: string;
}

let bundles: Promise<Bundles> | undefined;

/**
 * The files of the stand-in: the vendor's script at `/jitsi/external_api.js` (below a tenant too; `?version=11.1.2` is an
 * older one), the meeting page at `/jitsi/ROOM` and `/jitsi/TENANT/ROOM`, and what that page loads from `/jitsi/libs/`.
 * Bundled at the first request.
 *
 * @returns false when the path is none of these.
 */
export async function answerJitsiRequest(
  request: IncomingMessage,
  response: ServerResponse,
  settings: JitsiSettings,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (!pathname.startsWith('/jitsi/') || !['GET', 'HEAD'].includes(request.method ?? '')) return false;
  // The vendor's nginx knows no such room.
  if (/'|%27/.test(pathname)) {
    send(response, 404, 'text/plain; charset=utf-8', 'Not found');
    return true;
  }
  bundles ??= bundle();
  if (pathname.endsWith('/external_api.js')) {
    const version = searchParams.get('version') ?? undefined;
    if (!isVersion(version)) {
      send(response, 404, 'text/plain; charset=utf-8', `There is ${Object.keys(vendorScripts).join(', ')}.`);
      return true;
    }
    // Any page may load it, as any page may embed a meeting.
    const headers = { 'Access-Control-Allow-Origin': '*' };
    const script = withoutHttps(await vendorScript(version));
    send(response, 200, 'text/javascript; charset=utf-8', script, headers);
  } else if (pathname === '/jitsi/libs/meeting.js') {
    send(response, 200, 'text/javascript; charset=utf-8', (await bundles).meeting);
  } else if (pathname === '/jitsi/libs/meeting.css') {
    send(response, 200, 'text/css; charset=utf-8', (await bundles).style);
  } else if (pathname === '/jitsi/libs/settings.json') {
    sendJson(response, 200, pageSettings(settings));
  } else {
    send(response, 200, 'text/html; charset=utf-8', settings.silent ? blankPage : meetingPage(settings));
  }
  return true;
}

const isVersion = (version: string | undefined): version is VendorScriptVersion | undefined =>
  version === undefined || Object.hasOwn(vendorScripts, version);

async function bundle(): Promise<Bundles> {
  // Loaded here because it is large: a test that needs no meeting page starts without it.
  const { build } = await import('esbuild');
  const texts = await Promise.all(
    ['meeting.ts', 'meeting.css'].map(async (entry) => {
      const { outputFiles } = await build({
        entryPoints: [`${folder}/${entry}`],
        bundle: true,
        write: false,
        format: 'iife',
        target: 'es2022',
        logLevel: 'warning',
      });
      return outputFiles[0]?.text ?? '';
    }),
  );
  const [meeting = '', style = ''] = texts;
  return { meeting, style };
}

function pageSettings(settings: JitsiSettings): PageSettings {
  const { authPollMs, reloadAfterMs, resumption, resumeAfterMs, tokenAuthUrl } = settings;
  return {
    authPollMs,
    reloadAfterMs,
    resumption,
    resumeAfterMs,
    tokenAuthUrl,
    domain: jitsiDomain,
  };
}

const blankPage = '<!doctype html><title>A meeting page that says nothing</title>';

const meetingPage = (settings: JitsiSettings): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>A stand-in for Jitsi Meet</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/jitsi/libs/meeting.css">
    <script id="settings" type="application/json">${JSON.stringify(pageSettings(settings)).replaceAll('<', '\\u003c')}</script>
    <script defer src="/jitsi/libs/meeting.js"></script>
  </head>
  <body></body>
</html>
`;
