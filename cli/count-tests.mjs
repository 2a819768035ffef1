/** Reads what the test runners say of themselves: tests passed, failed and skipped, and which failed why. */
import { stripVTControlCharacters } from 'node:util';

/** A vitest report: tests by outcome; a file that failed before any test ran counts as one failure. */
export function countVitest(report) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [
      ...brokenFiles.map((file) => `${file.name}: ${firstLine(file.message)}`),
      ...report.testResults.flatMap((file) =>
        file.assertionResults
          .filter((test) => test.status === 'failed')
          .map((test) => `${file.name}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`),
      ),
    ],
  };
}

/** A Playwright report; a test that passed only on a second try counts as passed. */
export function countPlaywright(report) {
  const { expected, flaky, unexpected, skipped } = report.stats;
  const failed = unexpected === 0 && report.errors.length > 0 ? report.errors.length : unexpected;
  const failures = [
    ...report.errors.map((error) => firstLine(error.message)),
    ...report.suites
      .flatMap(specsOf)
      .flatMap((spec) =>
        spec.tests
          .filter((test) => test.status === 'unexpected')
          .map((test) => `${spec.file}: ${spec.title}: ${firstLine(test.results.at(-1)?.error?.message)}`),
      ),
  ];
  return { passed: expected + flaky, failed, skipped, failures };
}

/** Suites hold specs and further suites. */
function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}

function firstLine(message) {
  return stripVTControlCharacters(message ?? 'no message')
    .trim()
    .split('\n')[0];
}
