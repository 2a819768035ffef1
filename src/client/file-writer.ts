/** Writes files in a worker that is ended after each: compressors block the thread they run in, and leave memory behind. */
import * as Comlink from 'comlink';
import { StageError } from '../base/errors.ts';
import type { FigureMaps, FileResults, FileWriter } from '../digitizer/file-results.ts';
import type { ExportFormat } from '../export/formats.ts';
import { linkWorker } from './worker-link.ts';

/** What the worker exposes. */
export interface FileWriterApi {
  write(format: ExportFormat, results: FileResults): Promise<Blob>;
}

const died = (message: string) =>
  new StageError('export', 'E_INTERNAL', `The file writer stopped: ${message || 'it could not be loaded'}.`, {
    fix: 'Try again. If it happens again, close other tabs to free memory, or reload the page.',
  });
const done = () =>
  new StageError('export', 'E_CANCELLED', 'The file was not written.', {
    fix: 'Save it again when you like.',
  });

const buffersOf = ({ depth, mergedNormals, parts }: FigureMaps) =>
  [depth, mergedNormals, ...parts.map(({ normals }) => normals)].map(({ data }) => data.buffer);

export const writeInWorker: FileWriter = async (format, results) => {
  const { api, end } = linkWorker<FileWriterApi>(
    new Worker(new URL('../../workers/file-writer.worker.ts', import.meta.url), {
      type: 'module',
      name: 'file writer',
    }),
    died,
  );
  try {
    const { maps } = results;
    return await api.write(format, maps ? Comlink.transfer(results, buffersOf(maps)) : results);
  } finally {
    end(done());
  }
};
