/** What true time 0 is, in ms since the epoch. */
export const epoch = Date.UTC(2030, 0, 1);
