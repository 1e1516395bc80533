/** The first with `AsyncDisposableStack`. */
const LEAST = [24, 0] as const;

/** Ends the process, with what to do, on a Node that is too old for what the service is built on. */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return;
  console.error(
    `This is Node ${version}; the service needs ${LEAST.join('.')} or newer. \`npm start\`, and \`npx node\` in place of \`node\`, use the one that \`npm ci\` installed; or install a newer one.`,
  );
  process.exit(1);
}
