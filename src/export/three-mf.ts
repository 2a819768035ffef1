/**
 * Mesh to 3MF, for printers: millimetres, z up, coloured by vertex (colour groups of the materials extension) or by a
 * picture. A package of XML parts in a zip. Same mesh and options, same bytes.
 * Source: 3MF core specification 1.3, materials and properties extension 1.2.
 */
import { checkMesh, type MeshData } from './mesh-data.ts';
import { endingOf } from './mesh-texture.ts';
import { DEFAULT_HEIGHT_METERS, placedPositions, placementOf, type WholeFigure } from './placement.ts';
import { decimal, TextFile } from './text-file.ts';
import { writeZip } from './zip.ts';

export interface ThreeMfOptions {
  /** mm; life-size when left out. */
  readonly heightMm?: number;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  readonly generator: string;
  readonly name: string;
}

const CORE = 'http://schemas.microsoft.com/3dmanufacturing/core/2015/02';
const MATERIALS = 'http://schemas.microsoft.com/3dmanufacturing/material/2015/02';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const MODEL_RELATION = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
const TEXTURE_RELATION = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dtexture';

/** Levels of a colour channel that are told apart; printers do not need 16 million colours, and neither do readers. */
const COLOUR_STEP = 4;

const xml = (text: string) =>
  text
    .replace(/[^\x20-\uffff]+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

/** Colours that occur, and which of them each vertex has. */
function palette(colours: Uint8Array): { list: string[]; of: Uint32Array } {
  const numbers = new Map<number, number>();
  const list: string[] = [];
  const of = new Uint32Array(colours.length / 3);
  const step = (value: number) => Math.min(255, Math.round(value / COLOUR_STEP) * COLOUR_STEP);
  for (let i = 0; i < of.length; i++) {
    const colour = (step(colours[i * 3]) << 16) | (step(colours[i * 3 + 1]) << 8) | step(colours[i * 3 + 2]);
    let number = numbers.get(colour);
    if (number === undefined) {
      number = list.length;
      numbers.set(colour, number);
      list.push(`#${colour.toString(16).padStart(6, '0').toUpperCase()}FF`);
    }
    of[i] = number;
  }
  return { list, of };
}

/** Triangles of a solid that is placed already, in mm and z up. */
export interface PlacedSolid {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  /** sRGB, 3 per vertex. */
  readonly colours: Uint8Array;
  readonly texture?: MeshData['texture'];
}

/** The package around a solid. */
export function writeThreeMfSolid(
  solid: PlacedSolid,
  options: Omit<ThreeMfOptions, 'heightMm'>,
): Uint8Array<ArrayBuffer> {
  const { positions, indices, texture } = solid;
  const model = new TextFile();
  model.row('<?xml version="1.0" encoding="UTF-8"?>');
  model.row(`<model unit="millimeter" xml:lang="en-US" xmlns="${CORE}" xmlns:m="${MATERIALS}">`);
  model.row(`<metadata name="Title">${xml(options.name)}</metadata>`);
  model.row(`<metadata name="Application">${xml(options.generator)}</metadata>`);
  model.row('<resources>');
  const picture = texture && `/3D/Textures/figure.${endingOf(texture.colour)}`;
  let of: Uint32Array | null = null;
  if (texture) {
    model.row(`<m:texture2d id="2" path="${picture}" contenttype="${texture.colour.mime}"/>`);
    model.row('<m:texture2dgroup id="1" texid="2">');
    for (let i = 0; i < texture.uvs.length; i += 2) {
      model.row(`<m:tex2coord u="${decimal(texture.uvs[i], 6)}" v="${decimal(1 - texture.uvs[i + 1], 6)}"/>`);
    }
    model.row('</m:texture2dgroup>');
  } else {
    const colours = palette(solid.colours);
    of = colours.of;
    model.row('<m:colorgroup id="1">');
    for (const colour of colours.list) model.row(`<m:color color="${colour}"/>`);
    model.row('</m:colorgroup>');
  }
  model.row(`<object id="3" type="model" name="${xml(options.name)}" pid="1" pindex="0"><mesh><vertices>`);
  for (let i = 0; i < positions.length; i += 3) {
    const [x, y, z] = [0, 1, 2].map((axis) => decimal(positions[i + axis], 5));
    model.row(`<vertex x="${x}" y="${y}" z="${z}"/>`);
  }
  model.row('</vertices><triangles>');
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [indices[i], indices[i + 1], indices[i + 2]];
    const [p, q, r] = of ? [of[a], of[b], of[c]] : [a, b, c];
    model.row(`<triangle v1="${a}" v2="${b}" v3="${c}" pid="1" p1="${p}" p2="${q}" p3="${r}"/>`);
  }
  model.row('</triangles></mesh></object>');
  model.row('</resources>');
  model.row('<build><item objectid="3"/></build>');
  model.row('</model>');
  const text = (value: string) => new TextEncoder().encode(value);
  const relation = (target: string, type: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="${RELATIONS}"><Relationship Id="rel0" Target="${target}" Type="${type}"/></Relationships>\n`;
  return writeZip({
    '[Content_Types].xml': text(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>' +
        '<Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/>' +
        '</Types>\n',
    ),
    '_rels/.rels': text(relation('/3D/3dmodel.model', MODEL_RELATION)),
    '3D/3dmodel.model': model.bytes(),
    ...(texture &&
      picture && {
        [picture.slice(1)]: texture.colour.bytes,
        '3D/_rels/3dmodel.model.rels': text(relation(picture, TEXTURE_RELATION)),
      }),
  });
}

/** @throws StageError E_BAD_MESH when the mesh is empty, flat in height, inconsistent or not finite. */
export function writeThreeMf(mesh: MeshData, options: ThreeMfOptions): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const placement = placementOf(
    mesh.positions,
    options.heightMm ?? DEFAULT_HEIGHT_METERS * 1000,
    options.whole,
  );
  const { indices, colours, texture } = mesh;
  return writeThreeMfSolid(
    {
      positions: placedPositions(mesh.positions, placement, 'z'),
      indices,
      colours,
      ...(texture && { texture }),
    },
    options,
  );
}
