import { type DevServer, type DevServerOptions, startServer } from './server.ts';

const { PORT, TOKEN_LIFETIME_S, AMS_URL, AMS_SECRET } = process.env;
const firstPort = Number(PORT ?? 5173);
const portsToTry = 20;

const options: DevServerOptions = {
  settings: { tokenLifetimeS: Number(TOKEN_LIFETIME_S ?? 60) },
  ...(AMS_URL ? { antMediaUrl: AMS_URL } : {}),
  ...(AMS_SECRET ? { secret: AMS_SECRET } : {}),
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
  console.log(`  Demo:   ${url}/examples/`);
  console.log(`  Tokens: POST ${url}/token, good for ${settings.tokenLifetimeS} s (set TOKEN_LIFETIME_S)`);
  console.log(`  Faults: ${url}/faults, and what happened: ${url}/events`);
  if (!AMS_URL)
    console.log('  Media:  a stand-in for Ant Media Server in here (set AMS_URL to use a real one)');
  else if (AMS_SECRET) console.log(`  Media:  ${AMS_URL} (AMS_URL), tokens signed with AMS_SECRET`);
  else
    console.log(
      `  Media:  ${AMS_URL} (AMS_URL). It refuses these tokens until AMS_SECRET is its jwtStreamSecretKey.`,
    );
  console.log(`  Janus:  a stand-in for Janus with its SFU plugin at ws://localhost:${port}/janus`);
  console.log('Stop it with Ctrl-C.');
}
