import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The pair that tokens are signed and verified with. */
export interface JanusKeys {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const owned: { keys?: JanusKeys } = {};

/** The keys of this process, made when they are first asked for: every server in it takes the others' tokens. */
export function janusKeys(): JanusKeys {
  owned.keys ??= makeKeys();
  return owned.keys;
}

/** The public key as PKCS#1 DER: what a real server's `auth_key` names a file of. */
export function publicKeyDer({ publicKey }: JanusKeys = janusKeys()): Buffer {
  return publicKey.export({ type: 'pkcs1', format: 'der' });
}

/**
 * The keys whose private half is in a PEM file. Where there is no such file, they are made, and the public half is written
 * beside it: `janus.pem` and `janus.pem.der`. A file that is there is never changed.
 *
 * @throws When the file holds no RSA private key of 2048 bits or more.
 */
export function keptJanusKeys(file: string): JanusKeys {
  if (!existsSync(file)) {
    const made = makeKeys();
    writeFileSync(file, made.privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
      flag: 'wx',
    });
    writeFileSync(`${file}.der`, publicKeyDer(made));
  }
  const privateKey = readKey(file);
  const { modulusLength = 0 } = privateKey?.asymmetricKeyDetails ?? {};
  if (privateKey?.asymmetricKeyType !== 'rsa' || modulusLength < 2048)
    throw new Error(`${file} holds no RSA private key in PEM of 2048 bits or more.`);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function makeKeys(): JanusKeys {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function readKey(file: string): KeyObject | undefined {
  const text = readFileSync(file, 'utf8');
  try {
    return createPrivateKey(text);
  } catch {
    // Its message may quote the file.
    return undefined;
  }
}
