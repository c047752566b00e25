/** Who a user id of our adapter is, which is `1234567890123456~identity`; any other user id says that itself. */
export const identityOf = (user: string): string => user.replace(/^\d{16}~/, '');
