import { type Drop, faults } from '../shared/dev-server.ts';
import { cutOff, type Person, type VendorFaults } from '../shared/vendor-faults.ts';

const drop = async (who: Partial<Person>, how: string) =>
  cutOff(await faults.drop({ backend: 'janus', ...who, how: how as Drop['how'] }));

/** What the plugin refuses a join with, in its own words. */
const refusals: Readonly<Record<string, string>> = {
  'Rejecting join with invalid token!': 'token refused',
  'Room is full.': 'the room is full',
  'Server is full.': 'the server is full',
};

const refuse = (role: 'publisher' | 'subscriber') => async (_person: Person, message: string) => {
  await faults.patch({ janus: { refuse: { role, message, times: 1 } } });
  return '';
};

/** The faults of Janus' part. `kick` puts the last one who came out of the room, and gives what to say of it. */
export const janusFaults = (kick: () => Promise<string>): VendorFaults => ({
  groups: [
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
          ice: 'media only, the socket stays',
          vanish: 'the network of one side changes',
        },
      },
    },
    {
      legend: 'Janus',
      switches: [
        {
          words: 'accepts connections',
          isOn: ({ janus }) => janus.acceptSockets,
          patch: (acceptSockets) => ({ janus: { acceptSockets } }),
        },
        {
          words: 'the next tokens may kick',
          isOn: ({ janus }) => janus.kickUsers,
          patch: (kickUsers) => ({ janus: { kickUsers } }),
        },
      ],
      buttons: [
        { words: 'Restart', press: async () => cutOff(await faults.restartJanus()) },
        { words: 'Kick the last one who came', press: kick },
        { words: 'Refuse the next one who enters', press: refuse('publisher') },
        { words: 'Refuse the next subscription', press: refuse('subscriber') },
      ],
      list: { label: 'What is refused with', options: refusals },
    },
  ],
  active({ janus }) {
    const whose = janus.refuse?.role === 'subscriber' ? 'the next who listens' : 'the next who enters';
    return [
      janus.acceptSockets ? '' : 'Janus accepts no connections',
      janus.silent ? 'Janus says nothing' : '',
      janus.refuse ? `${whose} is refused: ${janus.refuse.message}` : '',
    ].filter(Boolean);
  },
});
