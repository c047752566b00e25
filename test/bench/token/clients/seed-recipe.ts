/** The recipe that the project began with: `exp − 60 s` by the local clock, one `setTimeout`, no retry. */
export const note = 'one setTimeout at exp − 60 s by the local clock';

export function start() {
  let token: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const refresh = async () => {
    const response = await fetch('/token', { method: 'POST' });
    const answer = (await response.json()) as { token: string };
    if (!response.ok || stopped) return;
    token = answer.token;
    const { exp } = JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as {
      exp: number;
    };
    timer = setTimeout(() => refresh().catch(() => {}), exp * 1000 - Date.now() - 60_000);
  };
  refresh().catch(() => {});
  return {
    token: () => token,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
