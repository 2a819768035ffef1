/** A pack around tensors that are in memory already: for tests and tools. */
import { widthsOf } from '../layout.ts';
import { PACK_SCHEMA_VERSION } from './manifest.ts';
import type { Pack } from './pack.ts';
import { readersOf, type WeightMap } from './tensors.ts';

export function packOf(tensors: WeightMap, name = 'in memory'): Pack {
  let parameterCount = 0;
  for (const { shape } of tensors.values()) parameterCount += shape.reduce((product, n) => product * n, 1);
  const described = { id: name, name, version: '0', licence: 'none', trainingData: 'none', parameterCount };
  return {
    summary: { ...described, sizeBytes: parameterCount * 4 },
    manifest: {
      schemaVersion: PACK_SCHEMA_VERSION,
      ...described,
      accuracy: [],
      accuracyNote: '',
      precision: 'f32',
      widths: widthsOf(tensors),
      files: [],
    },
    tensors: readersOf(tensors),
  };
}
