import type { JitsiMeetExternalAPI, JitsiMeetExternalAPIClass } from './vendor.ts';

/** The private members of the vendor's class that are used here. Every release has them. */
interface Private {
  _url: string;
  readonly _frame: HTMLIFrameElement;
  _createIFrame(...size: readonly unknown[]): void;
}

/**
 * Makes the vendor's object with its frame. The vendor puts the address, and the token in it, into the frame's `src`: there
 * every script of the embedding page can read it, and the browser's list of resources has it even after the frame is gone.
 * So the frame starts empty and goes to its address from inside, with the token in the fragment, which no server sees.
 * Where the private method is missing, the frame is made as the vendor makes it.
 *
 * @param tokenInQuery whether the token stays in the query too
 */
export function makeFrame<V extends JitsiMeetExternalAPI>(
  Vendor: JitsiMeetExternalAPIClass<V>,
  domain: string,
  options: object,
  tokenInQuery?: boolean,
): V {
  const Base = Vendor as unknown as new (...values: readonly unknown[]) => Private;
  const isKnown = typeof Base.prototype._createIFrame === 'function';
  const Hidden = class extends Base {
    override _createIFrame(...size: readonly unknown[]): void {
      const url = this._url;
      // A page from before May 2024 reads the query only, and its script writes no other.
      const isInQuery = tokenInQuery ?? !/#.*&jwt=/.test(url);
      const address = isInQuery ? url : url.replace(/^([^#]*[?&])jwt=[^&#]*&?/, '$1');
      this._url = 'about:blank';
      super._createIFrame(...size);
      // The vendor reads the origin from it.
      this._url = url.replace(/([?&])jwt=[^&#]*&?/g, '$1');
      const frame = this._frame;
      // A feature without an origin, such as the camera, is for that of `src`.
      frame.allow = frame.allow.replace(/[\w-]+\s*(?=;|$)/g, `$& ${new URL(url).origin}`);
      if (frame.contentWindow) frame.contentWindow.location.replace(address);
      else frame.src = address;
    }
  };
  return Reflect.construct(isKnown ? Hidden : Vendor, [domain, options]);
}
