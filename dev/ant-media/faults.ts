import { type Drop, faults } from '../shared/dev-server.ts';
import { cutOff, type Person, type VendorFaults } from '../shared/vendor-faults.ts';

/** What the media server says no with: its own words, and ours for them. */
const refusals: Readonly<Record<string, string>> = {
  highResourceUsage: 'too much load (highResourceUsage)',
  streamIdInUse: 'the name is taken (streamIdInUse)',
  not_initialized_yet: 'still starting (not_initialized_yet)',
  publishTimeoutError: 'no media came (publishTimeoutError)',
  unauthorized_access: 'token refused (unauthorized_access)',
  user_blocked: 'person blocked (user_blocked)',
  room_not_active_or_expired: 'room not open (room_not_active_or_expired)',
  license_suspended_please_renew_license: 'no licence (license_suspended_please_renew_license)',
};

const drop = async (who: Partial<Person>, how: string) =>
  cutOff(await faults.drop({ backend: 'ant-media', ...who, how: how as Drop['how'] }));

/** The faults of Ant Media's part. */
export const antMediaFaults: VendorFaults = {
  groups: [
    {
      legend: 'Tokens',
      switches: [
        {
          words: 'work once only',
          isOn: ({ oneTime }) => oneTime,
          patch: (oneTime) => ({ oneTime }),
        },
        {
          words: 'are a subscriber’s codes (TOTP)',
          isOn: ({ totpPeriodS }) => totpPeriodS !== null,
          patch: (on) => ({ totpPeriodS: on ? 60 : null }),
        },
      ],
    },
    {
      legend: 'Cut connections',
      buttons: [
        { words: 'Mine', press: (person, how) => drop(person, how) },
        { words: 'Everybody’s in this room', press: ({ room }, how) => drop({ room }, how) },
      ],
      list: {
        label: 'How',
        options: {
          terminate: 'without a word',
          close: 'with a close frame',
          server_will_stop: 'after “server will stop”',
          ice: 'media only, the socket stays',
        },
      },
    },
    {
      legend: 'Media server',
      switches: [
        {
          words: 'accepts connections',
          isOn: ({ media }) => media.acceptSockets,
          patch: (acceptSockets) => ({ media: { acceptSockets } }),
        },
        {
          words: 'has rooms in slots, for who plays from now on',
          isOn: ({ media }) => media.slots !== null,
          patch: (on) => ({ media: { slots: on ? { video: 5, audio: 3 } : null } }),
        },
      ],
      buttons: [
        {
          words: 'Refuse the next publish',
          async press(_person, definition) {
            await faults.patch({ media: { refuse: { command: 'publish', definition, times: 1 } } });
            return '';
          },
        },
      ],
      list: { label: 'What the next publish is refused with', options: refusals },
    },
  ],
  active({ media }) {
    const refused = media.refuse?.command === 'any' ? 'publish or play' : media.refuse?.command;
    return [
      media.acceptSockets ? '' : 'the media server accepts no connections',
      media.silent ? 'the media server says nothing' : '',
      media.refuse ? `the next ${refused} is refused: ${media.refuse.definition}` : '',
    ].filter(Boolean);
  },
};
