// Azurite's blob service on a free port, in memory, until standard input closes.
'use strict';

process.argv.push('--inMemoryPersistence', '--blobPort', '0', '--silent', '--disableTelemetry', '--disableProductStyleUrl');
process.stdin.resume().on('end', () => process.exit(0));
require('azurite/dist/src/blob/main.js');
