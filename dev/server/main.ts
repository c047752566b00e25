import { readFileSync } from 'node:fs';
import type { JitsiDeployment } from './jitsi/tokens.ts';
import { type DevServer, type DevServerOptions, startServer } from './server.ts';

const { PORT, TOKEN_LIFETIME_S, AMS_URL, AMS_SECRET, JANUS_URL, JANUS_KEY } = process.env;
const { JITSI_DOMAIN, JITSI_APP_ID, JITSI_APP_SECRET, JAAS_KEY_ID, JAAS_KEY_FILE } = process.env;
const firstPort = Number(PORT ?? 5173);
const portsToTry = 20;

const options: DevServerOptions = {
  settings: { tokenLifetimeS: Number(TOKEN_LIFETIME_S ?? 60) },
  ...(AMS_URL ? { antMediaUrl: AMS_URL } : {}),
  ...(AMS_SECRET ? { secret: AMS_SECRET } : {}),
  ...(JANUS_URL ? { janusUrl: JANUS_URL } : {}),
  ...(JANUS_KEY ? { janusKeyFile: JANUS_KEY } : {}),
  ...withJitsi(),
};

try {
  const server = await startOnFreePort();
  introduce(server);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void server.close().then(() => process.exit()));
} catch (error) {
  console.error(`The server could not start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * JITSI_DOMAIN with JITSI_APP_ID and JITSI_APP_SECRET, Prosody's app_id and app_secret; or JAAS_KEY_ID and
 * JAAS_KEY_FILE, an API key of JaaS, whose id begins with the AppID.
 */
function withJitsi(): { jitsi?: JitsiDeployment } {
  if (JAAS_KEY_ID && JAAS_KEY_FILE) {
    const [appId = ''] = JAAS_KEY_ID.split('/');
    const jaas = { appId, keyId: JAAS_KEY_ID, privateKey: readFileSync(JAAS_KEY_FILE, 'utf8') };
    return { jitsi: { domain: JITSI_DOMAIN || '8x8.vc', jaas } };
  }
  if (!JITSI_DOMAIN) return {};
  return {
    jitsi: {
      domain: JITSI_DOMAIN,
      ...(JITSI_APP_ID ? { appId: JITSI_APP_ID } : {}),
      ...(JITSI_APP_SECRET ? { secret: JITSI_APP_SECRET } : {}),
    },
  };
}

async function startOnFreePort(): Promise<DevServer> {
  for (let port = firstPort; ; port += 1) {
    try {
      return await startServer({ ...options, port });
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port >= firstPort + portsToTry) throw error;
    }
  }
}

function introduce({ url, port, settings }: DevServer): void {
  console.log("RoomSession's development server is running, for this machine only (127.0.0.1).");
  if (port !== firstPort) console.log(`  Port ${firstPort} is taken, so it uses ${port}.`);
  console.log(`  Demo:   ${url}/dev/`);
  console.log(`  Tokens: POST ${url}/token, good for ${settings.tokenLifetimeS} s (set TOKEN_LIFETIME_S)`);
  console.log(`  Faults: ${url}/faults, and what happened: ${url}/events`);
  if (!AMS_URL)
    console.log('  Media:  a stand-in for Ant Media Server in here (set AMS_URL to use a real one)');
  else if (AMS_SECRET) console.log(`  Media:  ${AMS_URL} (AMS_URL), tokens signed with AMS_SECRET`);
  else
    console.log(
      `  Media:  ${AMS_URL} (AMS_URL). It refuses these tokens until AMS_SECRET is its jwtStreamSecretKey.`,
    );
  if (JANUS_URL && JANUS_KEY) console.log(`  Janus:  ${JANUS_URL} (JANUS_URL), tokens signed with JANUS_KEY`);
  else if (JANUS_URL)
    console.log(
      `  Janus:  ${JANUS_URL} (JANUS_URL). It refuses these tokens until its auth_key is ${url}/janus/public-key.der. JANUS_KEY keeps the key.`,
    );
  else
    console.log(
      `  Janus:  a stand-in for Janus with its SFU plugin at ws://localhost:${port}/janus (set JANUS_URL to use a real one)`,
    );
  if (!options.jitsi)
    console.log(
      `  Jitsi:  a stand-in for Jitsi Meet at 127.0.0.1:${port}/jitsi (set JITSI_DOMAIN to use a real one)`,
    );
  else if (options.jitsi.jaas || options.jitsi.secret) console.log(`  Jitsi:  ${options.jitsi.domain}`);
  else
    console.log(
      `  Jitsi:  ${options.jitsi.domain}. It refuses these tokens until JITSI_APP_ID and JITSI_APP_SECRET are its app_id and app_secret.`,
    );
  console.log('Stop it with Ctrl-C.');
}
