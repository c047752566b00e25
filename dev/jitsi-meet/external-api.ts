/**
 * A stand-in for the `external_api.js` that every Jitsi Meet deployment serves, for the development server's meeting
 * page. It has the vendor's constructor, events, commands and getters as far as a host page of ours needs them, and
 * speaks to the frame by the vendor's own transport. Unlike the vendor's, which always says https, it takes the scheme of
 * a loopback address from the script's own.
 */
import { PostMessageTransportBackend, Transport } from '@jitsi/js-utils/transport';
import { EventEmitter } from 'eventemitter3';
import { type FrameOptions, frameUrl } from './frame-url.ts';
import { commands, events } from './names.ts';

export interface ExternalApiOptions extends FrameOptions {
  readonly width?: number | string;
  readonly height?: number | string;
  readonly parentNode?: HTMLElement;
  /** Called at each `ready` of the page, so after a reload, too. */
  readonly onload?: (event?: unknown) => void;
  readonly sandbox?: string;
}

interface WireEvent {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface ParticipantInfo {
  displayName?: string;
  formattedDisplayName?: string;
  email?: string;
  avatarURL?: string;
}

type DeviceKind = 'audioInput' | 'audioOutput' | 'videoInput';

const storageKey = 'jitsiLocalStorage';
const permissions = [
  'autoplay',
  'camera',
  'clipboard-write',
  'compute-pressure',
  'display-capture',
  'fullscreen',
  'hid',
  'microphone',
  'screen-wake-lock',
  'speaker-selection',
];
const ownScheme = new URL((document.currentScript as HTMLScriptElement | null)?.src || 'https:').protocol;

/** Of the next object on this page: the script counts for itself, so that a second copy starts at 0 again. */
let nextId = 0;

export class JitsiMeetExternalAPI extends EventEmitter {
  readonly #url: string;
  readonly #frame = document.createElement('iframe');
  readonly #transport: Transport;
  readonly #participants = new Map<string, ParticipantInfo>();
  readonly #onload: ExternalApiOptions['onload'];
  #count = 0;
  #myId: string | undefined;
  #isVisitor = false;

  constructor(domain: string, options: ExternalApiOptions = {}) {
    super();
    const { parentNode = document.body, width = '100%', height = '100%', onload, sandbox } = options;
    const name = `jitsiConferenceFrame${nextId}`;
    this.#onload = onload;
    this.#url = frameUrl(schemeFor(domain), domain, nextId, options, localStorage.getItem(storageKey));
    this.#frame.id = this.#frame.name = name;
    this.#frame.allow = ('chrome' in window ? [...permissions, 'window-management'] : permissions).join('; ');
    this.#frame.allowFullscreen = true;
    this.#frame.style.border = '0';
    setSize(this.#frame, 'width', width);
    setSize(this.#frame, 'height', height);
    if (sandbox !== undefined) this.#frame.setAttribute('sandbox', sandbox);
    this.#frame.src = this.#url;
    parentNode.appendChild(this.#frame);
    this.#transport = new Transport({
      backend: new PostMessageTransportBackend({
        postisOptions: {
          allowedOrigin: new URL(this.#url).origin,
          scope: `jitsi_meet_external_api_${nextId}`,
          window: this.#frame.contentWindow as Window,
        },
      }),
    });
    this.#transport.on('event', (event: WireEvent) => this.#receive(event));
    nextId += 1;
  }

  addEventListener(event: string, listener: (...args: unknown[]) => void): void {
    this.on(event, listener);
  }

  /** Removes all listeners of the event. */
  removeEventListener(event: string): void {
    this.removeAllListeners(event);
  }

  addEventListeners(listeners: Readonly<Record<string, (...args: unknown[]) => void>>): void {
    for (const [event, listener] of Object.entries(listeners)) this.on(event, listener);
  }

  removeEventListeners(names: readonly string[]): void {
    for (const name of names) this.removeEventListener(name);
  }

  executeCommand(name: string, ...args: unknown[]): void {
    const wireName = commands[name];
    if (wireName === undefined) return console.error(`Not a command: ${name}`);
    this.#transport.sendEvent({ name: wireName, data: args });
  }

  executeCommands(list: Readonly<Record<string, unknown>>): void {
    for (const [name, arg] of Object.entries(list)) this.executeCommand(name, arg);
  }

  /** Takes the frame away. It does not hang up first. */
  dispose(): void {
    this.emit('_willDispose');
    this.#transport.dispose();
    this.removeAllListeners();
    this.#frame.remove();
  }

  getIFrame(): HTMLIFrameElement {
    return this.#frame;
  }

  getSupportedCommands(): string[] {
    return Object.keys(commands);
  }

  getSupportedEvents(): string[] {
    return Object.values(events);
  }

  /** A mere count of comings and goings: off by one after a `participantLeft` that came twice. */
  getNumberOfParticipants(): number {
    return this.#count;
  }

  getParticipantsInfo(): (ParticipantInfo & { participantId: string })[] {
    return [...this.#participants].map(([participantId, info]) => ({ ...info, participantId }));
  }

  getDisplayName(id: string): string | undefined {
    return this.#participants.get(id)?.displayName;
  }

  getEmail(id = this.#myId ?? ''): string | undefined {
    return this.#participants.get(id)?.email;
  }

  getAvatarURL(id: string): string | undefined {
    return this.#participants.get(id)?.avatarURL;
  }

  isVisitor(): boolean {
    return this.#isVisitor;
  }

  // The getters below ask the frame. What is asked when `dispose` comes is never answered.

  isAudioMuted(): Promise<boolean> {
    return this.#ask('is-audio-muted');
  }

  isVideoMuted(): Promise<boolean> {
    return this.#ask('is-video-muted');
  }

  isAudioAvailable(): Promise<boolean> {
    return this.#ask('is-audio-available');
  }

  isVideoAvailable(): Promise<boolean> {
    return this.#ask('is-video-available');
  }

  isSharingScreen(): Promise<boolean> {
    return this.#ask('is-sharing-screen');
  }

  getRoomsInfo(): Promise<unknown> {
    return this.#ask('rooms-info');
  }

  getSessionId(): Promise<string> {
    return this.#ask('session-id');
  }

  getConnectionStats(): Promise<unknown> {
    return this.#ask('connection-stats');
  }

  getDeploymentInfo(): Promise<unknown> {
    return this.#ask('deployment-info');
  }

  listBreakoutRooms(): Promise<unknown> {
    return this.#ask('list-breakout-rooms');
  }

  getCurrentDevices(): Promise<Partial<Record<DeviceKind, MediaDeviceInfo>>> {
    return this.#ask('getCurrentDevices', { type: 'devices' });
  }

  getAvailableDevices(): Promise<Partial<Record<DeviceKind, MediaDeviceInfo[]>>> {
    return this.#ask('getAvailableDevices', { type: 'devices' });
  }

  setAudioInputDevice(label: string, id: string): Promise<unknown> {
    return this.#setDevice('audioinput', label, id);
  }

  setAudioOutputDevice(label: string, id: string): Promise<unknown> {
    return this.#setDevice('audiooutput', label, id);
  }

  setVideoInputDevice(label: string, id: string): Promise<unknown> {
    return this.#setDevice('videoinput', label, id);
  }

  #setDevice(kind: MediaDeviceKind, label: string, id: string): Promise<unknown> {
    return this.#ask('setDevice', { type: 'devices', device: { kind, label, id } });
  }

  #ask<Answer>(name: string, more: object = {}): Promise<Answer> {
    return this.#transport.sendRequest({ ...more, name });
  }

  #receive({ name, ...payload }: WireEvent): boolean {
    this.#keepBooks(name, payload);
    const event = events[name];
    if (name === 'local-storage-changed') {
      localStorage.setItem(storageKey, String(payload['localStorageContent']));
      return true;
    }
    if (event === undefined) return false;
    this.emit(event, payload['flat'] ? payload['error'] : payload);
    return true;
  }

  #keepBooks(name: string, payload: Readonly<Record<string, unknown>>): void {
    const id = String(payload['id']);
    switch (name) {
      case 'ready':
        this.#onload?.();
        break;
      case 'video-conference-joined':
        this.#myId = id;
        this.#isVisitor = payload['visitor'] === true;
        this.#count += 1;
        this.#participants.set(id, infoOf(payload));
        break;
      case 'participant-joined':
        this.#count += 1;
        this.#participants.set(id, infoOf(payload));
        break;
      case 'participant-left':
        this.#count -= 1;
        this.#participants.delete(id);
        break;
      case 'display-name-change': {
        const { displayname, formattedDisplayName } = payload as Record<string, string>;
        Object.assign(this.#participants.get(id) ?? {}, { displayName: displayname, formattedDisplayName });
        break;
      }
      case 'video-conference-left':
        this.#count -= 1;
        this.#participants.delete(this.#myId ?? '');
        break;
      case 'breakout-rooms-updated':
        this.#count = this.#participants.size;
    }
  }
}

function infoOf({ displayName, formattedDisplayName, email, avatarURL }: ParticipantInfo): ParticipantInfo {
  return { displayName, formattedDisplayName, email, avatarURL } as ParticipantInfo;
}

function schemeFor(domain: string): string {
  return /^(localhost|127\.[\d.]+|\[::1\])(?=[:/]|$)/.test(domain) ? ownScheme : 'https:';
}

function setSize(frame: HTMLIFrameElement, side: 'width' | 'height', size: number | string): void {
  if (typeof size === 'number') frame.style[side] = `${size}px`;
  else if (/^\d+(\.\d+)?(px|em|pt|%|[sld]?v[hw])$/.test(size)) frame.style[side] = size;
}

Object.assign(window, { JitsiMeetExternalAPI });
