/**
 * The ways in which people save and pass on a checkpoint, and what is saved in the place of one: one row each, with the
 * note or the sentence. Files: tests/cases/checkpoints (make_cases.py). Every weight of a good one is compared.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliDecompressSync, constants } from 'node:zlib';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../../tests/shared.ts';
import { StageError } from '../../base/errors.ts';
import { bytesSource } from './byte-source.ts';
import { type Checkpoint, openCheckpoint } from './reader.ts';

const FOLDER = resolve(import.meta.dirname, '../../../tests/cases/checkpoints');
const LAYOUT: [string, number[]][] = JSON.parse(readFileSync(join(FOLDER, 'layout4.json'), 'utf8'));
const CASES = unzipSync(
  brotliDecompressSync(readFileSync(join(FOLDER, 'cases.zip.br')), {
    params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 },
  }),
);

/** Name, then notes for a good one. */
const GOOD: readonly (readonly [name: string, ...notes: RegExp[]])[] = [
  ['plain.pth.tar'],
  ['own_storages.pth.tar'],
  ['dataparallel.pth.tar'],
  ['protocol_1.pth.tar'],
  ['protocol_3.pth.tar'],
  ['protocol_4.pth.tar'],
  ['protocol_5.pth.tar'],
  ['legacy.pth.tar'],
  ['legacy_protocol_1.pth.tar'],
  ['legacy_protocol_4.pth.tar'],
  ['legacy_big_endian_marker.pth.tar'],
  ['big_endian.pth.tar'],
  ['half.pth.tar'],
  ['bfloat16.pth.tar'],
  ['double.pth.tar'],
  ['channels_last.pth.tar'],
  ['transposed.pth.tar'],
  ['parameters.pth.tar'],
  ['weights.safetensors'],
  ['bare_state_dict.pth'],
  ['state_dict.ckpt'],
  ['params_nested.pth'],
  ['one_dictionary_a_network.pth'],
  ['lightning.ckpt'],
  ['compile_of_dataparallel.pth.tar'],
  ['compile_inside.pth.tar'],
  ['ema_only.pth.tar', /^The weights taken are the averaged ones of ema_state_dict/],
  [
    'ema_beside.pth.tar',
    /^The file also has averaged weights in model_ema: those of model_state_dict were taken\.$/,
  ],
  [
    'ema_inside.pth.tar',
    /averaged weights in model_state_dict\.ema: those of model_state_dict were taken\.$/,
  ],
  ['thop.pth.tar'],
  ['no_counters.pth.tar'],
  ['whole_module.pth'],
  ['legacy_whole_module.pth'],
  ['args_namespace.pth.tar'],
  ['objects_protocol_1.pth.tar'],
  ['objects_protocol_2.pth.tar'],
  ['objects_protocol_4.pth.tar'],
  ['objects_protocol_5.pth.tar'],
  ['legacy_objects.pth.tar'],
  ['old_opcodes.pth.tar'],
  ['asks_to_run.pth.tar', /^The file asks Python to run posix\.system .* do not load it in Python\.$/],
  [
    'drive-download-20240101T000000Z-001.zip',
    /^The file is a zip archive: checkpoints\/ckpt\.pth\.tar in it was read\.$/,
  ],
  ['drive_deflated.zip', /2K2K\/ckpt\.pth\.tar in it was read\.$/],
  ['drive_zip64.zip', /a\/ckpt\.pth\.tar in it was read\.$/],
  ['two_in_one.zip', /a\/last\.pth in it was read, not a\/other_model\.pth\.$/],
  ['rezipped_deflated.zip'],
  ['rezipped_two_levels.zip'],
  ['really_a_tar.pth.tar', /^The file is a tar archive: ckpt\/(long){40}\/ckpt\.pth in it was read\.$/],
  ['tar_gz.pth.tar.gz', /packed with gzip/, /is a tar archive: ckpt\.pth in it/],
  ['gz.pth.tar.gz', /packed with gzip and has been unpacked/],
];

/** Name, message, fix. */
const BAD: readonly (readonly [string, RegExp, RegExp])[] = [
  [
    'drive_warning.pth.tar',
    /web page \(“Google Drive - Virus scan warning”\), saved in place/,
    /"Download anyway"/,
  ],
  ['sign_in.pth.tar', /web page \(“Sign in”\)/, /in a browser, download the file itself/],
  ['expired_link.pth.tar', /XML message \(“Request has expired”\)/, /download the file again/],
  ['lfs_pointer.pth.tar', /Git LFS pointer for 934,000,000 bytes of weights/, /git lfs pull/],
  ['empty.pth.tar', /^The file is empty\.$/, /again/],
  ['cut_half.pth.tar', /no zip directory at its end: it is cut off\.$/, /not complete/],
  ['cut_zero_padded.pth.tar', /last part is empty, so the download did not finish\.$/, /again/],
  ['all_zeros.pth.tar', /begins with zeros/, /again/],
  ['legacy_cut.pth.tar', /cut off: it ends before its weights do/, /again/],
  ['tar_cut.pth.tar', /tar archive ends in the middle of ckpt\.pth/, /again/],
  ['gz_cut.pth.tar.gz', /gzip file cannot be unpacked/, /again/],
  ['seven_zip.pth.tar', /7-Zip archive/, /Unpack it/],
  ['rar.pth.tar', /RAR archive/, /Unpack it/],
  ['xz.pth.tar', /packed with xz/, /Unpack it/],
  ['bz2.pth.tar', /packed with bzip2/, /Unpack it/],
  ['onnx.pth', /an ONNX model/, /torch\.save/],
  ['keras.h5', /an HDF5 file/, /Convert/],
  ['tensorflow.ckpt', /a TensorFlow model/, /Convert/],
  ['photo.pth', /a picture \(JPEG\)/, /as it was downloaded/],
  ['letter.pth', /is text \(“Dear all, please find attached\.”\), neither a zip nor a pickle/, /downloaded/],
  ['pack_json.pth', /pack\.json of a model pack/, /weights\.safetensors/],
  ['numpy_arrays.npz', /zip holds a\.npy, b\.npy, and no data\.pkl/, /downloaded/],
  ['model_pack.zip', /a model pack already/, /--pack/],
  ['drive-download-20240101T000000Z-002.zip', /readme\.txt.*it is part 2 of a download/, /another part/],
  ['empty.zip', /^The zip is empty\.$/, /downloaded/],
  ['locked.zip', /locked with a password/, /Unpack/],
  ['split.zip', /last part of a zip that was split/, /all parts in one folder/],
  [
    'other_model.pth',
    /weights of another model: 4 tensors \(conv1\.weight, bn1\.weight, fc\.bias, \.\.\.\)/,
    /2K2K/,
  ],
  ['other_model.safetensors', /another model: 1 tensor \(unet\.conv_in\.weight\)/, /2K2K/],
  ['no_tensors.pth', /no tensors: no state dict was saved/, /state_dict/],
  ['numpy_weights.pth', /no tensors, only NumPy arrays/, /torch\.save/],
  ['pickle_dump.pkl', /not one of torch\.save: pickle\.dump wrote it/, /save it again with torch\.save/],
  ['phase_one.pth.tar', /training phase 1: it has no refine network/, /second training phase/],
  [
    'nan_weight.pth.tar',
    /^img2normal_face\.Conv1\.conv\.0\.weight holds NaN in 216 of its 216 values\.$/,
    /earlier/,
  ],
  ['inf_weight.pth.tar', /conv\.0\.weight holds -Infinity in 1 of its 216 values/, /earlier/],
  ['double_too_large.pth.tar', /holds Infinity in 216/, /earlier/],
  [
    'wrong_input.pth.tar',
    /\[4, 7, 3, 3\], expected \[4, 6, 3, 3\] \(it takes 7 channels, not 6\)/,
    /original model/,
  ],
  ['wrong_kernel.pth.tar', /\(its kernel is 5 x 5, not 3 x 3\)/, /original model/],
  ['integer_weight.pth.tar', /conv\.0\.weight is stored as i32/, /plain tensors/],
  ['quantised_weight.pth.tar', /not a plain tensor but torch\._utils\._rebuild_qtensor/, /plain tensors/],
  ['extra_layer.pth.tar', /img2normal_face\.Attention\.weight is not part of this model/, /original model/],
  [
    'ninth_network.pth.tar',
    /img2normal_hair\.Conv1\.conv\.0\.weight is not part of this model/,
    /original model/,
  ],
  [
    'no_statistics.pth.tar',
    /424 BatchNorm statistics .* only parameters were saved, not the whole state_dict/,
    /original/,
  ],
  ['no_shoe.pth.tar', /the network img2normal_shoe is missing/, /eight networks/],
];

const openCase = (name: string) => openCheckpoint(bytesSource(CASES[name], name));

async function readAll({ tensors }: Checkpoint): Promise<void> {
  for (const tensor of tensors.values()) await tensor.read();
}

async function refusal(open: () => Promise<Checkpoint>): Promise<StageError> {
  try {
    await readAll(await open());
  } catch (error) {
    expect(error).toBeInstanceOf(StageError);
    expect((error as StageError).code).toBe('E_BAD_CHECKPOINT');
    return error as StageError;
  }
  throw new Error('was taken');
}

describe('taken, with every value right', () => {
  test.each(GOOD.map(([name, ...notes]) => ({ name, notes })))('$name', async ({ name, notes }) => {
    const checkpoint = await openCase(name);
    expect(checkpoint.notes).toHaveLength(notes.length);
    for (const [i, note] of notes.entries()) expect(checkpoint.notes[i]).toMatch(note);
    expect(checkpoint.tensors.size).toBe(LAYOUT.length);
    for (const [t, [key, shape]] of LAYOUT.entries()) {
      const tensor = checkpoint.tensors.get(key);
      expect(tensor?.shape, key).toEqual(shape);
      const values = (await tensor?.read()) ?? [];
      const wrong = values.findIndex((v, i) => v !== (((7 * i + 13 * t) % 61) - 30) / 256);
      if (wrong >= 0) throw new Error(`${key}[${wrong}] is ${values[wrong]}`);
    }
  });
});

describe('refused, with what it is and what to do', () => {
  test.each(BAD)('%s', async (name, message, fix) => {
    const error = await refusal(() => openCase(name));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^[^\n]+\.$/);
    expect(error.fix).toMatch(fix);
  });
});

test('every case of the folder has its row', () => {
  expect([...GOOD, ...BAD].map(([name]) => name).sort()).toEqual(Object.keys(CASES).sort());
});

const shared = sharedPath('cases/ckpt');

describe.skipIf(!shared)('the shared cases', () => {
  const open = (name: string) =>
    openCheckpoint(bytesSource(new Uint8Array(readFileSync(join(shared as string, name))), name));

  test.each(['args_namespace.pth.tar', 'no_counters.pth.tar', 'drive-download-20240101T000000Z-001.zip'])(
    '%s is taken',
    async (name) => {
      const checkpoint = await open(name);
      expect(checkpoint.tensors.size).toBe(LAYOUT.length);
      let sum = 0;
      for (const tensor of checkpoint.tensors.values())
        for (const v of await tensor.read()) sum += Math.abs(v);
      // As torch itself sums them.
      expect(sum).toBeCloseTo(51671.5, 0);
    },
  );

  test.each([
    ['drive_warning.pth.tar', /web page \(“Google Drive - Virus scan warning”\)/],
    ['nan_weight.pth.tar', /^img2normal_down\.Conv1\.conv\.0\.weight holds NaN in 1 of its 108 values\.$/],
  ])('%s is refused', async (name, message) => {
    expect((await refusal(() => open(name))).message).toMatch(message);
  });
});
