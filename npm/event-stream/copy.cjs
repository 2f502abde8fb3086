// The sources are those that Web serves; they are copied here for the package, and are not kept here.
const { copyFileSync } = require('node:fs');
const { join } = require('node:path');

for (const file of ['event-stream.js', 'event-stream.d.ts', 'shared-source.js', 'shared-source.d.ts', 'shared-connection.js'])
  copyFileSync(join(__dirname, '..', '..', 'Web', 'wwwroot', file), join(__dirname, file));
