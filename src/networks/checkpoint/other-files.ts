/**
 * What a file is that is no checkpoint: told by its first bytes, never by its name, in one sentence with what to do. Sources
 * of what is told here: the formats' own specifications.
 */
import { type FileKindId, fileKind, textOf } from '../../base/file-kinds.ts';
import type { ByteSource } from './byte-source.ts';
import { badCheckpoint, otherFile } from './errors.ts';

const HEAD_BYTES = 4096;
const USE_ONE = 'Drop the checkpoint as it was downloaded, for instance ckpt_bg_mask.pth.tar.';
const CONVERT = 'Convert it to PyTorch, or use a checkpoint that torch.save wrote (.pth, .pth.tar).';

const UNPACK = 'Unpack it, and drop the file inside.';
const FIX_FOR: Readonly<Record<FileKindId, string>> = {
  archive: UNPACK,
  model: CONVERT,
  glb: USE_ONE,
  ply: USE_ONE,
  picture: USE_ONE,
  other: USE_ONE,
};

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/**
 * @returns the error that names what the file is, or says that it could not be told.
 */
export async function otherFileError(source: ByteSource): Promise<Error> {
  const head = await source.read(0, Math.min(source.size, HEAD_BYTES));
  const raw = latin(head);
  const kind = fileKind(head);
  if (kind) return otherFile(`The file is ${kind.is}, not a checkpoint`, FIX_FOR[kind.id]);
  if (head.every((byte) => byte === 0)) {
    return badCheckpoint(
      'The file begins with zeros: its download did not begin or was not kept',
      'TRUNCATED',
    );
  }
  return (
    textError(source, head) ??
    onnxError(raw) ??
    (await tensorflowError(source, raw)) ??
    otherFile('The file is neither a zip nor a pickle, so torch.save did not write it', USE_ONE)
  );
}

/** Pages, pointers and messages that were saved in place of the file. */
function textError(source: ByteSource, head: Uint8Array): Error | null {
  const text = textOf(head);
  if (text === null) return null;
  const start = text.trimStart().toLowerCase();
  if (start.startsWith('version https://git-lfs') || start.startsWith('version https://hawser')) {
    const size = Number(/^size (\d+)/m.exec(text)?.[1]);
    const stands = Number.isSafeInteger(size) ? ` for ${size.toLocaleString('en')} bytes of weights` : '';
    return otherFile(
      `The file is a Git LFS pointer${stands}, not the weights themselves`,
      'Run "git lfs pull" where the repository was cloned, or download the file itself from the page that hosts it.',
    );
  }
  if (/<(!doctype html|html|head|body|title|script)\b/.test(start.slice(0, 2000))) {
    const title = /<title[^>]*>([^<]{1,120})/i.exec(text)?.[1].replace(/\s+/g, ' ').trim();
    const drive = /virus scan|google drive|confirm=/i.test(text);
    return otherFile(
      `The file is a web page${title ? ` (“${title}”)` : ''}, saved in place of the checkpoint`,
      drive
        ? 'Open the link in a browser, press "Download anyway" there, and drop the file that arrives.'
        : 'Open the link in a browser, download the file itself, and drop that.',
    );
  }
  if (start.startsWith('<?xml') || start.startsWith('<error')) {
    const said = /<message>([^<]{1,120})/i.exec(text)?.[1];
    return otherFile(
      `The file is an XML message${said ? ` (“${said}”)` : ''}, saved in place of the checkpoint`,
      'The link may have expired: open it in a browser, download the file again, and drop that.',
    );
  }
  if (start.startsWith('solid ') || start.startsWith('ply')) {
    return otherFile('The file is a 3D model, not a checkpoint', USE_ONE);
  }
  if (start.startsWith('{') || start.startsWith('[')) {
    if (/"schemaVersion"/.test(text)) {
      return otherFile(
        'The file is the pack.json of a model pack, not a checkpoint',
        'Drop it together with its weights.safetensors.',
      );
    }
    const said = /"(?:message|error|detail)"\s*:\s*"([^"]{1,120})"/.exec(text)?.[1];
    if (!said) return otherFile('The file is JSON text, not a checkpoint', USE_ONE);
    return otherFile(
      `The file is a message of a server (“${said}”), saved in place of the checkpoint`,
      'Open the link in a browser, download the file again, and drop that.',
    );
  }
  const few = source.size < 200 ? ` (“${text.trim().replace(/\s+/g, ' ').slice(0, 80)}”)` : '';
  return otherFile(
    `The file is text${few}, neither a zip nor a pickle, so torch.save did not write it`,
    USE_ONE,
  );
}

/** A protobuf that begins with ir_version, and names its producer or an operator within the head. */
function onnxError(raw: string): Error | null {
  if (!(raw.charCodeAt(0) === 8 && raw.charCodeAt(1) <= 32)) return null;
  if (!/pytorch|onnx|tf2onnx|Conv|skl2onnx|keras2onnx|paddle/i.test(raw)) return null;
  return otherFile('The file is an ONNX model, not a checkpoint', CONVERT);
}

/** The magic number at the end of an index of TensorFlow's checkpoints (LevelDB's table format). */
const TABLE_MAGIC = '\x57\xfb\x80\x8b\x24\x75\x47\xdb';

async function tensorflowError(source: ByteSource, raw: string): Promise<Error | null> {
  const tail = source.size >= 8 ? latin(await source.read(source.size - 8, 8)) : '';
  const isSaved = raw.startsWith('\x08\x01\x12') && /saved_model|serve|tensorflow/i.test(raw);
  const isGraph = raw.startsWith('\x0a') && /Placeholder|Const|VarHandleOp|node/.test(raw.slice(0, 200));
  if (tail !== TABLE_MAGIC && !isSaved && !isGraph) return null;
  return otherFile('The file is a TensorFlow model, not a checkpoint of PyTorch', CONVERT);
}
