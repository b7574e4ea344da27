'use strict';
const { SharedDict } = require('shmkit');
const { take } = require('./take.cjs');

take(SharedDict.open(process.env.SHMKIT_ELECTRON_DICT), 'utility');
process.parentPort.postMessage('done');
