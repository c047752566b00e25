/** `npm run types` checks these: `session.vendor` has the app's own full type of the vendor's object. */
import { RoomSession } from 'room-session';
import { antMedia, type WebRTCAdaptor } from 'room-session/ant-media';
import { type JitsiMeetExternalAPI, jitsi } from 'room-session/jitsi';
import { type JanusAdapter, nafJanus } from 'room-session/naf-janus';
import { expectTypeOf, test } from 'vitest';

/** What an app's own declarations of a vendor's class have, beyond what the adapter uses. */
interface More {
  sendData(streamId: string, data: string): void;
  getStats(streamId: string): Promise<{ readonly bitrate: number }>;
}
type AntMediaVendor = WebRTCAdaptor & More;
type JanusVendor = JanusAdapter & More;
type JitsiVendor = JitsiMeetExternalAPI & More;

declare const AntMediaClass: new (options: object) => AntMediaVendor;
declare const JitsiClass: new (domain: string, options?: object) => JitsiVendor;

test('the class that Ant Media loads says the type', () => {
  const session = new RoomSession({ adapter: antMedia({ load: async () => AntMediaClass }) });
  expectTypeOf(session.vendor).toEqualTypeOf<AntMediaVendor | undefined>();
  expectTypeOf(session.vendor?.sendData).returns.toEqualTypeOf<void>();
});

test('the class that Ant Media is given says the type', () => {
  const session = new RoomSession({ adapter: antMedia({ vendor: AntMediaClass }) });
  expectTypeOf(session.vendor).toEqualTypeOf<AntMediaVendor | undefined>();
});

test('the class that Jitsi loads, or is given, says the type', () => {
  const loaded = new RoomSession({ adapter: jitsi({ domain: 'meet.test', load: async () => JitsiClass }) });
  const given = new RoomSession({ adapter: jitsi({ domain: 'meet.test', vendor: JitsiClass }) });
  expectTypeOf(loaded.vendor).toEqualTypeOf<JitsiVendor | undefined>();
  expectTypeOf(given.vendor).toEqualTypeOf<JitsiVendor | undefined>();
});

test('an app names the type for Janus, whose object the scene makes', () => {
  const session = new RoomSession({ adapter: nafJanus<JanusVendor>() });
  expectTypeOf(session.vendor).toEqualTypeOf<JanusVendor | undefined>();
});

test('a type may be named for each of the three', () => {
  const antMediaSession = new RoomSession({ adapter: antMedia<AntMediaVendor>({}) });
  const jitsiSession = new RoomSession({ adapter: jitsi<JitsiVendor>({ domain: 'meet.test' }) });
  expectTypeOf(antMediaSession.vendor).toEqualTypeOf<AntMediaVendor | undefined>();
  expectTypeOf(jitsiSession.vendor).toEqualTypeOf<JitsiVendor | undefined>();
});

test('without a type of the app there are the members that the adapter uses', () => {
  const session = new RoomSession({ adapter: antMedia({}) });
  expectTypeOf(session.vendor).not.toBeAny();
  expectTypeOf(session.vendor).toExtend<object | undefined>();
  // @ts-expect-error the adapter does not use it
  session.vendor?.getSubtracks;
});
