/** What a library finds in its storage at the start: put there by the bench, as if the person had signed in before. */
export interface First {
  readonly token: string;
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

export function first(): First {
  return (globalThis as unknown as { firstToken: First }).firstToken;
}
