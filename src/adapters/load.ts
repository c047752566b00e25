import { RoomSessionError } from '../errors.ts';

/** Where an adapter gets its vendor's library from; the first that is there counts. */
export interface VendorSources<Vendor> {
  /** Handed in by the app. */
  readonly given?: Vendor | undefined;
  /** Loads it, such as `() => import('…')`; called once per join that needs it. */
  readonly load?: (() => Promise<Vendor>) | undefined;
  /** Looks for it among the page's globals. */
  readonly fromGlobal: () => Vendor | undefined;
  /** What to do when it is nowhere. */
  readonly advice: string;
}

/** The vendor's library. Vendors are never bundled. @throws `vendor_missing`, with what to do. */
export async function loadVendor<Vendor>({
  given,
  load,
  fromGlobal,
  advice,
}: VendorSources<Vendor>): Promise<Vendor> {
  let loaded = given;
  try {
    loaded ??= await load?.();
  } catch (cause) {
    throw new RoomSessionError('vendor_missing', `The vendor's library could not be loaded. ${advice}`, {
      cause,
    });
  }
  loaded ??= fromGlobal();
  if (typeof loaded !== 'function') {
    throw new RoomSessionError('vendor_missing', `The vendor's library is not there. ${advice}`);
  }
  return loaded;
}
