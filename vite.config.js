import { defineConfig } from 'vite';

/**
 * The dashboard is in English. Without this, what React Aria says to screen readers would come in thirty languages more.
 *
 * @type {import('vite').Plugin}
 */
const englishOnly = {
  name: 'english-only',
  enforce: 'pre',
  load: (id) =>
    /react-(aria|stately)[^?]*\/intl\/[^?]*\/(?!en-US)[a-z]{2}-[A-Z]{2}\.m?js$/.test(id) ? 'export default {}' : null,
};

/** What packages say to other tools, and what is built is no less for. */
const isOfNoConcern = ({ code }) => code === 'MODULE_LEVEL_DIRECTIVE';

/** The dashboard, built into `dist/dashboard` by `scripts/build-dashboard.js`; the explorer differs in what stands there. */
export default defineConfig({
  root: 'src/dashboard',
  plugins: [englishOnly],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline: the page's policy allows no more than files of its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: { onwarn: (warning, warn) => !isOfNoConcern(warning) && warn(warning) },
  },
});
