/** What the documentation of most libraries tells an app to write. */
export async function askApp(): Promise<{ status: number; answer: { token: string; expires_in: number } }> {
  const response = await fetch('/token', { method: 'POST' });
  if (response.status === 401 || response.status === 403) {
    return { status: response.status, answer: { token: '', expires_in: 0 } };
  }
  if (!response.ok) throw new Error(`Status ${response.status}`);
  return {
    status: response.status,
    answer: (await response.json()) as { token: string; expires_in: number },
  };
}

/** For libraries that refresh when they are asked: an app in a room asks every 5 s. */
export function every5s(ask: () => Promise<string | undefined>) {
  let token: string | undefined;
  let asking = false;
  const tick = async () => {
    if (asking) return;
    asking = true;
    try {
      token = (await ask()) ?? token;
    } catch {
      // It asks again in 5 s.
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(tick, 5_000);
  tick();
  return { token: () => token, stop: () => clearInterval(timer) };
}
