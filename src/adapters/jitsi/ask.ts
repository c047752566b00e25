import type { Clock } from '../../clock.ts';

/** How long the page has for an answer, in ms: a frame that was disposed of, or loads again, gives none. */
export const answerLimitMs = 1_000;

/** What the page answers; `undefined` where it fails, is late, or nobody needs it any more. Never rejects. */
export function ask<Answer>(
  question: () => Promise<Answer>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const finish = (answer?: Answer) => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = () => finish();
    const cancel = clock.setTimer(giveUp, answerLimitMs);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) return giveUp();
    // An older page may lack the method.
    new Promise<Answer>((answered) => answered(question())).then(finish, giveUp);
  });
}
