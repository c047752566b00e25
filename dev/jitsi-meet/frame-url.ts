/** The options that travel in the meeting page's address. */
export interface FrameOptions {
  readonly roomName?: string | undefined;
  readonly jwt?: string | undefined;
  readonly lang?: string | undefined;
  readonly release?: string | undefined;
  readonly configOverwrite?: Readonly<Record<string, unknown>> | undefined;
  readonly interfaceConfigOverwrite?: Readonly<Record<string, unknown>> | undefined;
  readonly iceServers?: Readonly<Record<string, unknown>> | undefined;
  readonly devices?: Readonly<Record<string, unknown>> | undefined;
  readonly userInfo?: Readonly<Record<string, unknown>> | undefined;
}

/** Groups of values in the hash: `config.startSilent=true`. */
type Groups = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/**
 * The address that the vendor's script gives the frame: token, language and release in the query, everything else in
 * the hash, values as encoded JSON; the token there, too, but quoted and not encoded. The room's name is put into the
 * path as it is.
 */
export function frameUrl(
  scheme: string,
  domain: string,
  id: number,
  options: FrameOptions,
  localStorageContent: string | null,
): string {
  const { roomName = '', jwt, lang, release } = options;
  const query = Object.entries({ jwt, lang: lang ?? options.configOverwrite?.['defaultLanguage'], release })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`);
  const groups: Groups = {
    config: options.configOverwrite,
    iceServers: options.iceServers,
    interfaceConfig: options.interfaceConfigOverwrite,
    devices: options.devices,
    userInfo: options.userInfo,
    appData: localStorageContent === null ? undefined : { localStorageContent },
  };
  const hash = [
    `jitsi_meet_external_api_id=${id}`,
    ...(jwt === undefined ? [] : [`jwt="${jwt}"`]),
    ...Object.entries(groups).flatMap(([group, values]) =>
      Object.entries(values ?? {})
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${group}.${name}=${encodeURIComponent(JSON.stringify(value))}`),
    ),
  ];
  const search = query.length > 0 ? `?${query.join('&')}` : '';
  return `${scheme}//${domain}/${roomName}${search}#${hash.join('&')}`;
}
