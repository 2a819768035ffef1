/** Writes one file, and is then ended. Contract: file-writer.ts. */
import * as Comlink from 'comlink';
import { StageError } from '../src/base/errors.ts';
import type { FileWriterApi } from '../src/client/file-writer.ts';
import { registerStageErrorTransfer } from '../src/client/stage-error-transfer.ts';
import { exportResult } from '../src/digitizer/export-result.ts';
import { resultsOf } from '../src/digitizer/file-results.ts';
import { createCpuKernels } from '../src/gpu/cpu-kernels.ts';

registerStageErrorTransfer('export');

const api: FileWriterApi = {
  async write(format, results) {
    try {
      return await exportResult(format, resultsOf(results), createCpuKernels());
    } catch (thrown) {
      // What browsers throw for an array that they have no memory for.
      if (!(thrown instanceof RangeError) || !/alloc|memory|length/i.test(thrown.message)) throw thrown;
      throw new StageError('export', 'E_MEMORY', 'There is no memory to write the file.', {
        fix: 'Close other tabs and save it again.',
        cause: thrown,
      });
    }
  },
};

Comlink.expose(api);
