// A plugin of the bundler: writes the licences of the packages whose code is in a bundle, which has to come with them.
import fs from 'node:fs';
import path from 'node:path';

const PACKAGE = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/;
const LICENCE = /^(licen[cs]e|copying|notice)(\.\w+)?$/i;

/** Writes the notices to `file`. Fails for a package that has none. */
export function notices(file) {
  return {
    name: 'notices',
    writeBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
      const folders = new Set(modules.map((module) => PACKAGE.exec(module)?.[1]).filter((folder) => folder !== undefined));
      fs.writeFileSync(file, [...folders].toSorted().map(noticeOf).join('\n'));
    },
  };
}

function noticeOf(folder) {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = fs.readdirSync(folder).filter((entry) => LICENCE.test(entry));
  if (texts.length === 0) throw new Error(`${name} has no text of its licence`);
  return `${name} ${version}\n\n${texts.map((text) => fs.readFileSync(path.join(folder, text), 'utf8').trim()).join('\n\n')}\n`;
}
