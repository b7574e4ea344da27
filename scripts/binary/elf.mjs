// Reads what a 64-bit ELF file requires of its libraries: which ones, and which symbol versions in each.
// The format: `man 5 elf`, and the chapter "Symbol Versioning" of the Linux Standard Base.
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_DYNAMIC = 6;
const DT_NEEDED = 1n;
const MACHINES = { 62: 'x64', 183: 'arm64' };

/** Returns `{ arch, libraries, versions }` for a file's bytes; undefined unless it is a 64-bit little-endian ELF file. */
export function readElf(bytes) {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const sections = sectionsOf(bytes);
  return {
    arch: MACHINES[bytes.readUInt16LE(18)],
    libraries: sections.filter((section) => section.type === SHT_DYNAMIC).flatMap((section) => neededBy(bytes, section, sections)),
    versions: sections.filter((section) => section.type === SHT_GNU_VERNEED).flatMap((section) => versionsIn(bytes, section, sections)),
  };
}

function sectionsOf(bytes) {
  const start = Number(bytes.readBigUInt64LE(40));
  const size = bytes.readUInt16LE(58);
  return Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => {
    const at = start + index * size;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
  });
}

function neededBy(bytes, section, sections) {
  const names = [];
  for (let at = section.offset; at < section.offset + section.size; at += 16) {
    if (bytes.readBigInt64LE(at) !== DT_NEEDED) continue;
    names.push(textAt(bytes, sections[section.link].offset + Number(bytes.readBigUInt64LE(at + 8))));
  }
  return names;
}

// One record per library, each followed by a chain of the versions required from it.
function versionsIn(bytes, section, sections) {
  const strings = sections[section.link].offset;
  const versions = [];
  let record = section.offset;
  for (let index = 0; index < section.info; index += 1) {
    const library = textAt(bytes, strings + bytes.readUInt32LE(record + 4));
    let version = record + bytes.readUInt32LE(record + 8);
    for (let left = bytes.readUInt16LE(record + 2); left > 0; left -= 1) {
      versions.push({ library, version: textAt(bytes, strings + bytes.readUInt32LE(version + 8)) });
      version += bytes.readUInt32LE(version + 12);
    }
    record += bytes.readUInt32LE(record + 12);
  }
  return versions;
}

function textAt(bytes, start) {
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}
