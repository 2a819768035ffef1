/**
 * The text of a keypoints file. Files of the world carry byte-order marks, are UTF-16 (PowerShell writes them so), have
 * Python's NaN or one JSON value a line; what is not JSON at all is named.
 */
import { StageError } from '../../base/errors.ts';

const ACCEPTED =
  'Give keypoints of a whole person as JSON: OpenPose (BODY_25, BODY_135, COCO), DWPose or ComfyUI, MMPose, AlphaPose, COCO, YOLO-pose or MediaPipe.';
const COMPLETE = 'Give the JSON file as the pose tool wrote it, complete and unchanged.';

export function badKeypoints(message: string, fix = ACCEPTED, cause?: unknown): StageError {
  return new StageError('pose', 'E_BAD_KEYPOINTS', message, { fix, cause });
}

/** Bytes of a JSON file to its text: UTF-8, or UTF-16 by its mark or by its zero bytes. */
export function decodeJsonText(bytes: Uint8Array): string {
  const [a, b] = bytes;
  const sixteen =
    bytes.length < 2
      ? null
      : (a === 0xff && b === 0xfe) || (a !== 0 && b === 0)
        ? 'utf-16le'
        : (a === 0xfe && b === 0xff) || (a === 0 && b !== 0)
          ? 'utf-16be'
          : null;
  return new TextDecoder(sixteen ?? 'utf-8').decode(bytes);
}

/** Text of a JSON file that a visitor gave. */
export async function jsonTextOf(file: Blob): Promise<string> {
  return decodeJsonText(new Uint8Array(await file.arrayBuffer()));
}

const NOT_JSON: readonly [start: RegExp, name: string][] = [
  [/^%YAML/, 'an OpenCV YAML file'],
  [/^<\?xml|^<opencv_storage/, 'an XML file'],
  [/^<!doctype|^<html/i, 'a web page'],
  [/^PK/, 'a zip or NumPy archive'],
  [/^\P{ASCII}?NUMPY/u, 'a NumPy file'],
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer, not the file itself'],
  [/^\{\\rtf/, 'a rich text file'],
  [/^\{\s*'|^\[\s*\{\s*'/, 'a printed Python value, not JSON'],
  [/^[\w.]+\s*[,;\t]\s*[\w.]+/, 'a table of text'],
];

/** Python's json module writes NaN and Infinity: both mean that there is no value. */
function withoutNaN(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (part) =>
    part[0] === '"' ? part : 'null',
  );
}

/** @throws StageError E_BAD_KEYPOINTS that says what the text is instead of JSON. */
export function parseJson(text: string): unknown {
  // A caller who read UTF-16 as UTF-8 has a zero after each letter, and two marks of damage in front.
  const clean = (text.includes('\0') ? text.replace(/[\0\uFFFD]/g, '') : text).replace(/^\uFEFF/, '').trim();
  if (clean === '') throw badKeypoints('The keypoints file is empty.', COMPLETE);
  let cause: unknown;
  try {
    const value: unknown = JSON.parse(clean);
    // JSON as the text of a JSON string: what a node of a graph editor saves.
    return typeof value === 'string' && /^\s*[[{]/.test(value) ? parseJson(value) : value;
  } catch (thrown) {
    if (thrown instanceof StageError) throw thrown;
    cause = thrown;
  }
  for (const attempt of [
    () => withoutNaN(clean),
    () => `[${clean.split(/\r?\n/).filter(Boolean).join(',')}]`,
  ]) {
    try {
      return JSON.parse(attempt());
    } catch {}
  }
  const named = NOT_JSON.find(([start]) => start.test(clean));
  if (named) throw badKeypoints(`The keypoints file is ${named[1]}: it is not valid JSON.`, undefined, cause);
  const cut = /^[[{]/.test(clean) && !/[\]}]$/.test(clean);
  const where = cut ? ': it ends in the middle' : '';
  throw badKeypoints(`The keypoints file is not valid JSON${where}.`, COMPLETE, cause);
}
