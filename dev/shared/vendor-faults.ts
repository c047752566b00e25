import type { Settings, SettingsPatch } from '../server/settings.ts';

/** Whose connections the panel's buttons cut off. */
export interface Person {
  readonly room: string;
  readonly identity: string;
}

/** A button of the panel. */
export interface FaultButton {
  readonly words: string;
  /** Does it, and gives what to say of it. `chosen` is the value of the group's list. */
  press(person: Person, chosen: string): Promise<string>;
}

/** A switch of the panel. */
export interface FaultSwitch {
  readonly words: string;
  isOn(settings: Settings): boolean;
  patch(on: boolean): SettingsPatch;
}

/** Faults that belong together. */
export interface FaultGroup {
  readonly legend: string;
  readonly switches?: readonly FaultSwitch[];
  readonly buttons?: readonly FaultButton[];
  /** A list that the buttons look at: values, and words for them. */
  readonly list?: { readonly label: string; readonly options: Readonly<Record<string, string>> };
}

/** What a vendor's part of the development server can be made to do, for the panel of its demo. */
export interface VendorFaults {
  readonly groups: readonly FaultGroup[];
  /** What is out of order now, one phrase each; nothing where all is well. */
  active(settings: Settings): string[];
}

/** What the panel says after cutting off. */
export const cutOff = (count: number): string =>
  count === 1 ? 'Cut off 1 connection.' : `Cut off ${count} connections.`;
