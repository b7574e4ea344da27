// Parameters of requests.
import { Refused } from './answer.js';

/** Returns a parameter that has to be there. */
export function textOf(parameters: URLSearchParams, name: string): string {
  const text = parameters.get(name);
  if (text === null) throw new Refused(400, `the parameter ${name} is missing`);
  return text;
}

/** Returns a key. It comes as JSON, because an address cannot hold code units that are no text. */
export function keyOf(parameters: URLSearchParams, name: string): string {
  const key = jsonOf(textOf(parameters, name));
  if (typeof key !== 'string') throw new Refused(400, `the parameter ${name} has to be a string in JSON`);
  return key;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
