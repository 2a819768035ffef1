/** Reads what the test runners say of themselves: tests passed, failed and skipped. */

/** A vitest report: tests by outcome; a file that failed before any test ran counts as one failure. */
export function countVitest(report) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** A Playwright report; a test that passed only on a second try counts as passed. */
export function countPlaywright(report) {
  const { expected, flaky, unexpected, skipped } = report.stats;
  const failed = unexpected === 0 && report.errors.length > 0 ? report.errors.length : unexpected;
  return { passed: expected + flaky, failed, skipped };
}
