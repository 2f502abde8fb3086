// The sources are those that Web serves: they are here only while the package is made.
const { copyFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');

for (const file of ['event-stream.js', 'event-stream.d.ts', 'shared-source.js', 'shared-source.d.ts', 'shared-connection.js']) {
  if (process.argv.includes('--remove')) rmSync(join(__dirname, file), { force: true });
  else copyFileSync(join(__dirname, '..', '..', 'Web', 'wwwroot', file), join(__dirname, file));
}
