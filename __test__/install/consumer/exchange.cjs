// Writes all values into a dictionary and says which of them this runtime cannot store, or says of each value there what it is
// when it is read: "same", the code of an error, "absent", or "different".
//   exchange.cjs write|read <package> <name of the dictionary>
const { isDeepStrictEqual } = require('node:util');
const { make, values } = require('./values.cjs');

const [what, from, name] = process.argv.slice(2);
const { SharedDict } = require(from);
const dict = SharedDict.open(name);

function outcome(key) {
  try {
    const value = dict.get(key);
    if (value === undefined) return 'absent';
    const own = make(key);
    return isDeepStrictEqual(value, own) && isDeepStrictEqual(buffersOf(value), buffersOf(own)) ? 'same' : 'different';
  } catch (error) {
    return error.code ?? String(error);
  }
}

/** Returns the lengths of the buffers, and which views share one. */
function buffersOf(value) {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  const seen = [];
  return Object.values(value)
    .filter((item) => (ArrayBuffer.isView(item) || item instanceof ArrayBuffer) && !Buffer.isBuffer(item) && !(item instanceof DataView))
    .map((item) => item.buffer ?? item)
    .map((buffer) => [buffer.byteLength, buffer.resizable ?? false, seen.includes(buffer) ? seen.indexOf(buffer) : seen.push(buffer)]);
}

/** Returns whether the value could be stored. */
function isStored(key) {
  try {
    dict.set(key, make(key));
    return true;
  } catch (error) {
    if (error.code !== 'ERR_SHM_UNSUPPORTED') throw error;
    return false;
  }
}

if (what === 'write') {
  const made = Object.keys(values).filter((key) => make(key) !== undefined);
  process.stdout.write(JSON.stringify(made.filter((key) => !isStored(key))));
} else {
  const outcomes = Object.fromEntries(Object.keys(values).map((key) => [key, outcome(key)]));
  process.stdout.write(JSON.stringify({ outcomes, iterated: [...dict].length }));
}
