// Gives what a subpath exports as a whole, `export = name`, its name: the generator calls it "export=".
import fs from 'node:fs';
import path from 'node:path';

/** Changes the pages of the reference of subpaths. */
export function nameExports(types, pages) {
  for (const file of fs.readdirSync(types)) {
    const name = /^export = (\w+);$/m.exec(fs.readFileSync(path.join(types, file), 'utf8'))?.[1];
    if (name !== undefined) nameIn(pages, file.replace(/\.d\.ts$/, ''), name);
  }
}

function nameIn(pages, subpath, name) {
  const folder = path.join(pages, subpath);
  const files = fs.existsSync(folder) ? filesIn(folder) : [path.join(pages, `${subpath}.md`)];
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8').replaceAll(/"?export="?/g, name).replaceAll(/#export(-\d+)?\)/g, `#${name.toLowerCase()}$1)`);
    fs.rmSync(file);
    fs.writeFileSync(file.replace('export=', name), text);
  }
}

function filesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesIn(path.join(folder, entry.name)) : [path.join(folder, entry.name)]));
}
