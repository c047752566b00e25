/** Every page of the site, in the order of its side bar. A page that is not here fails the check of the site. */
export interface Section {
  readonly text: string;
  /** The title of each page, and its file below `docs/` without `.md`. */
  readonly pages: readonly (readonly [title: string, path: string])[];
}

export const sections: readonly Section[] = [
  {
    text: 'Start',
    pages: [
      ['Ant Media Server', 'start/ant-media'],
      ['Janus in A-Frame', 'start/janus'],
      ['Jitsi', 'start/jitsi'],
      ['Script tag', 'start/script-tag'],
      ['React', 'react'],
      ['Vue', 'vue'],
      ['The first tasks', 'guides/tasks'],
      ['Coming from hand-written code', 'guides/coming-from'],
    ],
  },
  {
    text: 'Guides',
    pages: [
      ['What a call needs', 'call-features'],
      ['Preview before joining', 'guides/prejoin'],
      ['Permissions and missing devices', 'guides/permissions'],
      ['Autoplay', 'guides/autoplay'],
      ['Phones and iOS Safari', 'guides/phones'],
      ['Browsers', 'browsers'],
      ['Content security policy', 'guides/csp'],
      ['Cookies, CORS and CSRF', 'guides/cookies'],
      ['TURN', 'guides/turn'],
      ['Many tabs', 'guides/tabs'],
      ['Server rendering and Jest', 'guides/ssr'],
      ['Tests of your app', 'guides/testing'],
      ['Nobody heard me', 'nobody-heard-me'],
      ['An adapter of your own', 'custom-adapter'],
    ],
  },
  {
    text: 'Servers',
    pages: [
      ['Token endpoint', 'token-servers'],
      ['Ant Media Server', 'ant-media-server'],
      ['Janus', 'janus-server'],
      ['Jitsi', 'jitsi-server'],
      ['Security', 'security'],
    ],
  },
  {
    text: 'Look up',
    pages: [
      ['Reference', 'reference/index'],
      ['Errors', 'errors'],
      ['Limits', 'limits'],
      ['Changelog', 'changelog'],
    ],
  },
  {
    text: 'How it works',
    pages: [
      ['Token refresh', 'token-refresh'],
      ['Design', 'design'],
      ['Benchmarks', 'benchmarks'],
    ],
  },
];
