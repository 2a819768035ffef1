/**
 * Mesh to USDZ: a stage as text and its picture in an uncompressed zip whose files begin at multiples of 64 bytes. Metres,
 * y up, facing +z. AR Quick Look (iPhone, iPad) shows pictures and no vertex colours, so a mesh without a texture gets a
 * picture that says the same (cell-texture.ts). Same mesh and options, same bytes.
 * Source: OpenUSD, usdz file format specification and UsdPreviewSurface specification.
 */
import { cellTexture } from './cell-texture.ts';
import { boxOf, checkMesh, type MeshData } from './mesh-data.ts';
import { endingOf, type TextureImage } from './mesh-texture.ts';
import {
  DEFAULT_HEIGHT_METERS,
  placedNormals,
  placedPositions,
  placementOf,
  type WholeFigure,
} from './placement.ts';
import { decimal, TextFile } from './text-file.ts';
import { writeAlignedZip } from './zip.ts';

export interface UsdzOptions {
  readonly heightMeters?: number;
  /** Where the mesh is only part of the person. */
  readonly whole?: WholeFigure | null;
  readonly generator: string;
}

interface Pictures {
  readonly colour: TextureImage;
  readonly normals?: TextureImage;
  /** 2 per vertex or per corner. */
  readonly uvs: Float32Array;
  readonly interpolation: 'vertex' | 'faceVarying';
}

function picturesOf(mesh: MeshData): Pictures {
  const { texture } = mesh;
  if (texture) return { ...texture, interpolation: 'vertex' };
  const { png, uvs } = cellTexture(mesh.indices, mesh.colours);
  return { colour: { bytes: png, mime: 'image/png' }, uvs, interpolation: 'faceVarying' };
}

/** Values a row of an array holds; the text stays readable and rows stay short. */
const ROW_VALUES = 8;

function* tuples(values: ArrayLike<number>, width: number, digits: number): Generator<string> {
  for (let i = 0; i < values.length; i += width) {
    let text = decimal(values[i], digits);
    for (let k = 1; k < width; k++) text += `,${decimal(values[i + k], digits)}`;
    yield width === 1 ? text : `(${text})`;
  }
}

function writeArray(file: TextFile, head: string, items: Iterable<string>, tail = ''): void {
  file.row(`${head} = [`);
  // A comma ends each row but the last: USD takes none in front of a row.
  let row: string[] = [];
  for (const item of items) {
    if (row.length === ROW_VALUES) {
      file.row(`${row.join(',')},`);
      row = [];
    }
    row.push(item);
  }
  file.row(row.join(','));
  file.row(`]${tail}`);
}

function* threes(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield '3';
}

function textureShader(name: string, path: string, output: string, extra: string): string {
  return `      def Shader "${name}" {
        uniform token info:id = "UsdUVTexture"
        asset inputs:file = @${path}@
        float2 inputs:st.connect = </Figure/Materials/Surface/Places.outputs:result>
        token inputs:wrapS = "clamp"
        token inputs:wrapT = "clamp"${extra}
        ${output}
      }`;
}

function materialText(colour: string, normals: string | null): string {
  return `  def Scope "Materials" {
    def Material "Surface" {
      token outputs:surface.connect = </Figure/Materials/Surface/Preview.outputs:surface>
      def Shader "Preview" {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor.connect = </Figure/Materials/Surface/Colour.outputs:rgb>
        float inputs:metallic = 0
        float inputs:roughness = 0.9${
          normals
            ? '\n        normal3f inputs:normal.connect = </Figure/Materials/Surface/Normals.outputs:rgb>'
            : ''
        }
        token outputs:surface
      }
      def Shader "Places" {
        uniform token info:id = "UsdPrimvarReader_float2"
        string inputs:varname = "st"
        float2 outputs:result
      }
${textureShader('Colour', colour, 'float3 outputs:rgb', '\n        token inputs:sourceColorSpace = "sRGB"')}
${
  normals
    ? textureShader(
        'Normals',
        normals,
        'float3 outputs:rgb',
        '\n        token inputs:sourceColorSpace = "raw"\n        float4 inputs:scale = (2, 2, 2, 1)\n        float4 inputs:bias = (-1, -1, -1, 0)',
      )
    : ''
}
    }
  }`;
}

/** @throws StageError E_BAD_MESH when the mesh is empty, flat in height, inconsistent or not finite. */
export function writeUsdz(mesh: MeshData, options: UsdzOptions): Uint8Array<ArrayBuffer> {
  checkMesh(mesh);
  const placement = placementOf(mesh.positions, options.heightMeters ?? DEFAULT_HEIGHT_METERS, options.whole);
  const points = placedPositions(mesh.positions, placement, 'y');
  const pictures = picturesOf(mesh);
  const colourPath = `textures/colour.${endingOf(pictures.colour)}`;
  const normalsPath = pictures.normals ? `textures/normals.${endingOf(pictures.normals)}` : null;
  const { min, max } = boxOf(points);
  const stage = new TextFile();
  stage.row(`#usda 1.0
(
  customLayerData = {
    string creator = "${options.generator.replace(/[^\x20-\x7e]+|["\\]/g, ' ')}"
  }
  defaultPrim = "Figure"
  metersPerUnit = 1
  upAxis = "Y"
)
def Xform "Figure" (
  kind = "component"
)
{
  def Mesh "Mesh" (
    prepend apiSchemas = ["MaterialBindingAPI"]
  )
  {
    uniform token subdivisionScheme = "none"
    uniform token orientation = "rightHanded"
    rel material:binding = </Figure/Materials/Surface>
    float3[] extent = [${[min, max].map((corner) => `(${corner.map((v) => decimal(v, 5)).join(',')})`).join(',')}]`);
  writeArray(stage, 'int[] faceVertexCounts', threes(mesh.indices.length / 3));
  writeArray(stage, 'int[] faceVertexIndices', tuples(mesh.indices, 1, 0));
  writeArray(stage, 'point3f[] points', tuples(points, 3, 5));
  writeArray(
    stage,
    'normal3f[] normals',
    tuples(placedNormals(mesh.normals, 'y'), 3, 3),
    ' (\n  interpolation = "vertex"\n)',
  );
  writeArray(
    stage,
    'texCoord2f[] primvars:st',
    upwards(pictures.uvs),
    ` (\n  interpolation = "${pictures.interpolation}"\n)`,
  );
  stage.row('  }');
  stage.row(materialText(colourPath, normalsPath));
  stage.row('}');
  return writeAlignedZip(
    [
      // The first file is the stage that opens.
      { name: 'figure.usda', bytes: stage.bytes() },
      { name: colourPath, bytes: pictures.colour.bytes },
      ...(pictures.normals && normalsPath ? [{ name: normalsPath, bytes: pictures.normals.bytes }] : []),
    ],
    64,
  );
}

/** USD has v up. */
function* upwards(uvs: Float32Array): Generator<string> {
  for (let i = 0; i < uvs.length; i += 2) yield `(${decimal(uvs[i], 6)},${decimal(1 - uvs[i + 1], 6)})`;
}
