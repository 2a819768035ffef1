/** Reads a point cloud file of any kind, told by its content: PLY, PCD, text (XYZ, PTS, CSV, OBJ); names what it cannot read. */
import { badFile } from './columns.ts';
import { type CloudFile, cloudFromColumns } from './from-columns.ts';
import { readPcdTable } from './read-pcd.ts';
import { readPlyCloud } from './read-ply.ts';
import { readTextTable } from './read-text.ts';

/** Formats that are known and not read: first bytes, name, what to do. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: file signatures hold control characters.
const OTHERS: readonly (readonly [RegExp, string, string])[] = [
  [/^\x1f\x8b/, 'gzip', 'Unpack it first (gunzip).'],
  [/^PK\x03\x04/, 'ZIP', 'Unpack it first.'],
  [/^(BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf)/, 'compressed', 'Unpack it first.'],
  [
    /^LASF/,
    'LAS or LAZ',
    'Convert it to PLY, for example with CloudCompare or "pdal translate IN.las OUT.ply".',
  ],
  [/^ASTM-E57/, 'E57', 'Convert it to PLY, for example with CloudCompare.'],
  [/^DRACO/, 'Draco', 'Decode it to PLY, for example with draco_decoder.'],
  [/^glTF/, 'GLB', 'Export it as PLY, for example from Blender or MeshLab.'],
  [/^Kaydara FBX/, 'FBX', 'Export it as PLY, for example from Blender.'],
  [/^solid[\s\S]*facet/, 'STL', 'It is a mesh; save its points as PLY, for example from MeshLab.'],
  [/^OFF\s/, 'OFF', 'Save it as PLY, for example from MeshLab.'],
  [
    /^\s*<(!doctype|html|\?xml)/i,
    'HTML or XML',
    'Download the cloud itself: this is a web page or a message.',
  ],
  [/^version https:\/\/git-lfs/, 'Git LFS pointer', 'Fetch the file itself with "git lfs pull".'],
  [
    /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF|II\*\0|MM\0\*|%PDF|\x93NUMPY|SIMPLE {2}=)/,
    'picture, document or array',
    'Choose a point cloud.',
  ],
];
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: file signatures.

/**
 * @param bytes the whole file.
 * @throws SurfaceError E_BAD_CLOUD with one sentence that says what is wrong and what to do.
 */
export function readCloud(bytes: Uint8Array): CloudFile {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  if (bytes.length === 0) throw badFile('point cloud', 'it is empty', 'Choose a file that holds points.');
  if (/^(\xef\xbb\xbf)?\s*ply[ \t]*[\r\n]/i.test(head)) return readPlyCloud(bytes);
  for (const [pattern, name, fix] of OTHERS)
    if (pattern.test(head)) throw badFile(name, 'it is no PLY, PCD or text', fix);
  if (/^(\s*#[^\n]*\n)*\s*(VERSION\s+\.?\d|FIELDS\s)/i.test(head))
    return cloudFromColumns('PCD', readPcdTable(bytes));
  if (isText(bytes)) return cloudFromColumns('text', readTextTable(bytes));
  // Says what a PLY would need.
  return readPlyCloud(bytes);
}

function isText(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, 4096);
  for (let i = 0; i < end; i++) {
    const byte = bytes[i];
    if (byte < 9 || (byte > 13 && byte < 32)) return false;
  }
  return true;
}
