// An image in shared memory: a child process brightens it in place, and no pixel goes through a pipe.
'use strict';
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { SharedSegment } = require('shmkit');

const PIXELS = 1920 * 1080;

async function preside() {
  const image = SharedSegment.from(Buffer.alloc(PIXELS, 100));
  const worker = fork(__filename, ['worker']);
  worker.send(image.share());
  await once(worker, 'exit');
  console.log(`pixel 7 is ${image.read(7, 1)[0]}; the histogram behind the image has ${image.size - PIXELS} bytes`);
  image.close();
}

function work(handle) {
  const image = SharedSegment.open(handle);
  const pixels = image.view();
  for (let index = 0; index < pixels.length; index += 1) pixels[index] += 55;
  // The capacity grows for the parent as well.
  image.append(new Uint8Array(256 * 4));
  image.close();
  process.disconnect();
}

if (process.argv[2] === 'worker') process.once('message', work);
else void preside();
