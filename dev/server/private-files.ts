/** Keys, certificates and key stores, by the usual endings. */
const endings =
  'key|pem|der|crt|cer|csr|p7b|p7c|p8|pk8|p12|pfx|jks|jceks|bks|keystore|kdb|kdbx|ppk|asc|gpg|pgp|jwk|jwks';
/** By name: keys of ssh, and what holds passwords. */
const names = String.raw`\.env[^/]*|\.npmrc|\.netrc|\.htpasswd|\.git|\.ssh|\.gnupg|\.aws|id_(?:rsa|dsa|ecdsa|ed25519)`;
const privateFile = new RegExp(String.raw`\.(?:${endings})(?![\w-])|(?:^|/)(?:${names})(?:/|$)`, 'i');

/**
 * Whether a path names a file that no page may ever have, such as the key of `JANUS_KEY` in this folder. In doubt it does:
 * what is encoded, or goes on after the ending, counts too.
 */
export function isPrivateFile(pathname: string): boolean {
  let path = pathname;
  try {
    for (let decoded = decodeURIComponent(path); decoded !== path; decoded = decodeURIComponent(path))
      path = decoded;
  } catch {
    return true;
  }
  return privateFile.test(path.replaceAll('\\', '/'));
}
