'use strict';
// The public entry. The assignments are static, so that ES modules can import the names.
exports.SharedDict = require('./dist/shared-dict.js').SharedDict;
exports.SharedSemaphore = require('./dist/semaphore/shared-semaphore.js').SharedSemaphore;
exports.ShmError = require('./dist/errors.js').ShmError;
