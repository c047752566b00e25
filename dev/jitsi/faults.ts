import { type Drop, faults } from '../shared/dev-server.ts';
import { cutOff, type FaultButton, type Person, type VendorFaults } from '../shared/vendor-faults.ts';

const drop = async (who: Partial<Person>, how: string) =>
  cutOff(await faults.drop({ backend: 'jitsi', ...who, how: how as Drop['how'] }));

/** A button that does something to one's own frame. */
const toMine = (words: string, fault: { do: string; [field: string]: string }): FaultButton => ({
  words,
  async press({ room, identity }) {
    const done = await faults.jitsi({ ...fault, room, identity });
    return done === 0 ? 'Join the meeting first.' : '';
  },
});

/** A button that does something to the meeting. */
const toMeeting = (words: string, what: string, none: string): FaultButton => ({
  words,
  press: async ({ room }) => ((await faults.jitsi({ do: what, room })) === 0 ? none : ''),
});

/** The faults of Jitsi's part. */
export const jitsiFaults: VendorFaults = {
  groups: [
    {
      legend: 'Who gets in',
      switches: [
        {
          words: 'guests wait for the host',
          isOn: ({ jitsi }) => jitsi.waitForHost !== false,
          patch: (on) => ({ jitsi: { waitForHost: on ? 'lobby' : false } }),
        },
        {
          words: 'new meetings have a lobby',
          isOn: ({ jitsi }) => jitsi.lobby,
          patch: (lobby) => ({ jitsi: { lobby } }),
        },
      ],
      buttons: [
        toMeeting('Let in who knocks', 'admit', 'No one knocks.'),
        toMeeting('Turn away who knocks', 'reject', 'No one knocks.'),
      ],
    },
    {
      legend: 'My frame',
      buttons: [
        toMine('Media fail', { do: 'fail', name: 'conference.iceFailed' }),
        toMine('Loads itself again', { do: 'reload' }),
        toMine('Asks to log in again', { do: 'notify' }),
        toMine('Machine wakes up', { do: 'suspend' }),
        toMine('Goes silent', { do: 'silence' }),
      ],
    },
    {
      legend: 'Meeting',
      buttons: [
        toMine('Kick me', { do: 'kick' }),
        toMeeting('End it for all', 'destroy', 'There is no meeting.'),
      ],
    },
    {
      legend: 'Cut the signalling',
      buttons: [
        { words: 'Mine', press: (person, how) => drop(person, how) },
        { words: 'Everybody’s in this room', press: ({ room }, how) => drop({ room }, how) },
      ],
      list: {
        label: 'How',
        options: { terminate: 'it can be resumed', forget: 'it cannot be resumed' },
      },
    },
  ],
  active: ({ jitsi }) => (jitsi.acceptSockets ? [] : ['Jitsi accepts no connections']),
};
