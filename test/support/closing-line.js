/** Ends the output of a run with a line for machines: `123 passed, 0 failed`, and how many were skipped, if any. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // Jest's own summary and whatever the last teardown says come before.
    process.once('exit', () => process.stdout.write(`${closingLineOf(results)}\n`));
  }
}

/** A file that does not load counts as a failed test: nobody knows how many are in it. */
function closingLineOf({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests }) {
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const skipped = numPendingTests + numTodoTests;
  return `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
