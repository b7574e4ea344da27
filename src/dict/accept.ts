// The option `accept`: the encodings that a handle decodes. Whatever else other processes store is refused undecoded.
import { ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { checkString } from '../arguments/check.js';

/** The encodings that a handle decodes, by the names of codecs; `undefined` for all. */
export type Accepted = ReadonlySet<string> | undefined;

/** What a handle that writes JSON decodes by default: V8's decoder is not for the bytes of untrusted peers. */
const ONLY_JSON: Accepted = new Set(['plain', 'json']);

/** Checks the option; `writesJson` decides about the default. */
export function acceptedOf(accept: unknown, writesJson: boolean): Accepted {
  if (accept === undefined) return writesJson ? ONLY_JSON : undefined;
  if (!Array.isArray(accept)) throw wrongType('options.accept', 'an array of strings', accept);
  return new Set(accept.map((name: unknown, index) => nameOf(`options.accept[${index}]`, name)));
}

function nameOf(title: string, name: unknown): string {
  if (checkString(title, name) === '') throw wrongValue(title, "must be 'plain', 'json', 'structured' or the name of a codec", name);
  return name as string;
}

/** Throws if a handle does not decode an encoding. */
export function checkAccepted(accepted: Accepted, name: string): void {
  if (accepted === undefined || accepted.has(name)) return;
  const list = [...accepted].map((item) => JSON.stringify(item)).join(', ');
  throw new ShmError('ERR_SHM_UNSUPPORTED', `the encoding of the value is ${JSON.stringify(name)}, and the handle accepts ${list || 'none'}`);
}
