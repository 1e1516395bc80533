// Run by `chromium.ts` in a process of its own: the package unpacks itself into what it takes for the temporary folder.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';

const { TMPDIR: folder, CHROMIUM_HOME: home } = process.env;
await chromium.executablePath();
// Its own configuration looks for fonts elsewhere.
await rm(join(folder, 'fonts', 'fonts.conf'));
await writeFile(
  join(folder, 'fonts', 'fonts.conf'),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>${home}/fonts/cache</cachedir>
  <alias><family>system-ui</family><prefer><family>Inter</family><family>Open Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Inter</family><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>JetBrains Mono</family><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`,
);
