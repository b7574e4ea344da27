// Values that only holders of a key can read and write: encrypted and authenticated, each for its own place.
//   c | salt: 16 bytes | nonce: 12 bytes | tag: 16 bytes | encrypted value
// The salt makes a key of its own for each value, so that random nonces never repeat under one.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { types } from 'node:util';
import { ShmError } from 'shmkit';
import { wrongType } from './arguments.js';

const SEALED = 0x63;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const SALT_AT = 1;
const NONCE_AT = SALT_AT + 16;
const TAG_AT = NONCE_AT + 12;
const TEXT_AT = TAG_AT + 16;

/** What stands in a place: the value of a key, or an item of its list. */
export type Place = 'value' | 'item';

/** Checks the option `sealingKey`: a key, or several of which the first one seals and all open. */
export function sealOf(keys: unknown): Seal | null {
  if (keys === undefined) return null;
  const list: unknown[] = Array.isArray(keys) ? keys : [keys];
  if (list.length === 0 || !list.every((key) => types.isUint8Array(key) && key.length === KEY_BYTES)) throw wrongType('options.sealingKey', `${KEY_BYTES} bytes, or an array of such keys`);
  return new Seal((list as Uint8Array[]).map((key) => createSecretKey(key)));
}

export class Seal {
  readonly #keys: KeyObject[];

  constructor(keys: KeyObject[]) {
    this.#keys = keys;
  }

  /** Returns the encoded value, sealed for the key with this name on the server. */
  close(encoded: Buffer, name: string, place: Place): Buffer {
    const sealed = Buffer.allocUnsafe(TEXT_AT + encoded.length);
    sealed[0] = SEALED;
    const random = randomBytes(TAG_AT - SALT_AT);
    random.copy(sealed, SALT_AT);
    const cipher = createCipheriv(CIPHER, derived(this.#keys[0] as KeyObject, random.subarray(0, 16)), random.subarray(16));
    cipher.setAAD(boundTo(place, name));
    const text = cipher.update(encoded);
    cipher.final();
    text.copy(sealed, TEXT_AT);
    cipher.getAuthTag().copy(sealed, TAG_AT);
    return sealed;
  }

  /** Returns the encoded value. Throws `ERR_SHM_UNTRUSTED` if no key has sealed it for this place. */
  open(sealed: Buffer, name: string, place: Place): Buffer {
    if (sealed[0] === SEALED && sealed.length > TEXT_AT) {
      for (const key of this.#keys) {
        const opened = this.#tryOpen(key, sealed, boundTo(place, name));
        if (opened !== undefined) return opened;
      }
    }
    throw new ShmError('ERR_SHM_UNTRUSTED', 'The server has a value that was not sealed for this key with "sealingKey"');
  }

  #tryOpen(key: KeyObject, sealed: Buffer, bound: Buffer): Buffer | undefined {
    const decipher = createDecipheriv(CIPHER, derived(key, sealed.subarray(SALT_AT, NONCE_AT)), sealed.subarray(NONCE_AT, TAG_AT));
    decipher.setAAD(bound).setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
    const opened = decipher.update(sealed.subarray(TEXT_AT));
    try {
      decipher.final();
      return opened;
    } catch {
      return undefined;
    }
  }
}

/** Returns whether encoded bytes are sealed. */
export function isSealed(encoded: Uint8Array): boolean {
  return encoded[0] === SEALED;
}

/** Returns what is authenticated beside a value. */
function boundTo(place: Place, name: string): Buffer {
  const text = `${place} ${name}`;
  return Buffer.from(text);
}

function derived(key: KeyObject, salt: Uint8Array): Buffer {
  return createHmac('sha256', key).update(salt).digest();
}
