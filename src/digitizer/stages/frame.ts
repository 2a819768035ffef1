/**
 * Stages `people` and `frame`: who is in the photo, who of them is meant, and the square of the photo that becomes the
 * canvas: the person at three quarters of its height, wherever they stand in the photo (robust mode; reference mode takes
 * the whole photo, centred).
 */
import { StageError } from '../../base/errors.ts';
import type { GreyImage, RgbaImage } from '../../base/images.ts';
import type { KeypointTable } from '../../geometry/body.ts';
import {
  type CanvasCamera,
  cameraOf,
  type FigureBox,
  figureBox,
  framedMapping,
} from '../../geometry/framing.ts';
import { type SquareMapping, squareMapping, toCanvas } from '../../geometry/keypoints.ts';
import type { DecodedPhoto } from '../../intake/decode.ts';
import { exifFocalPx } from '../../intake/exif-focal.ts';
import { keypointsOfPhoto } from '../../intake/keypoints/keypoints-of-photo.ts';
import type { Doubt } from '../../intake/pose/likeness.ts';
import { type FoundPeople, type FoundPerson, NOBODY } from '../../intake/pose/people.ts';
import type { StageContext } from '../stage.ts';
import { personNumber, type RunMode, type SubjectId } from '../types.ts';

export interface PhotoSource extends DecodedPhoto {
  /** Of the lens, px of the photo as shown; null when the file does not say. */
  readonly focalPx: number | null;
}

/** Head of the file that can hold its EXIF block, bytes. */
const EXIF_BYTES = 1 << 20;

export async function runDecoded(file: Blob, context: StageContext): Promise<PhotoSource> {
  const head = new Uint8Array(await file.slice(0, EXIF_BYTES).arrayBuffer());
  const decoded = await context.services.files.decodePhoto(file, context.signal);
  return { ...decoded, focalPx: exifFocalPx(head, decoded.originalWidth, decoded.originalHeight) };
}

export interface PeopleResult extends FoundPeople {
  readonly notices: readonly string[];
}

/** @param optional the run can go on without: keypoints were given. */
export async function runPeople(
  image: RgbaImage,
  optional: boolean,
  context: StageContext,
): Promise<PeopleResult> {
  context.progress(0.3, 'looking for people');
  try {
    return { ...(await context.services.findPeople(image)), notices: [] };
  } catch (thrown) {
    if (!optional || !(thrown instanceof StageError) || thrown.code !== 'E_DOWNLOAD') throw thrown;
    const notice = `${thrown.message} The photo was used as it lies.`;
    return { ...NOBODY, notices: [notice] };
  }
}

export interface FrameResult {
  /** How the photo, at its size as shown, lies on the canvas. */
  readonly mapping: SquareMapping;
  readonly camera: CanvasCamera;
  /** Number in `people`; null when nobody was found, or nobody was looked for. */
  readonly person: number | null;
  readonly notices: readonly string[];
}

export interface FrameInputs {
  readonly decoded: PhotoSource;
  readonly people: PeopleResult | null;
  readonly photoName: string;
  readonly poseFile: string | null;
  readonly maskFile: Blob | null;
}

/** Boxes that overlap less than this are of two people. */
const SAME_FIGURE = 0.4;

function overlap(a: FigureBox, b: FigureBox): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: FigureBox) => (box.right - box.left) * (box.bottom - box.top);
  return (width * height) / (area(a) + area(b) - width * height);
}

const scaledBox = ({ left, top, right, bottom }: FigureBox, by: number): FigureBox => ({
  left: left * by,
  top: top * by,
  right: right * by,
  bottom: bottom * by,
});

/** Of the photo's longer side: a box made of given points is widened to a grid of this many lines. */
const GRID_LINES = 32;

/** A joint that the visitor moves a little in a keypoints file must not move the canvas, and with it every result. */
function onGrid({ left, top, right, bottom }: FigureBox, step: number): FigureBox {
  return {
    left: Math.floor(left / step) * step,
    top: Math.floor(top / step) * step,
    right: Math.ceil(right / step) * step,
    bottom: Math.ceil(bottom / step) * step,
  };
}

/** Figure of the keypoints file, px of the photo as shown; null when the file does not say: stage `pose` tells why. */
function figureOfFile({ decoded, photoName, poseFile }: FrameInputs): FigureBox | null {
  if (poseFile === null) return null;
  const { originalWidth: width, originalHeight: height } = decoded;
  try {
    const { table } = keypointsOfPhoto(poseFile, { name: photoName, width, height }, null, 'robust');
    const { keypoints } = toCanvas(table, squareMapping(width, height), 'robust');
    const box = figureBox(inPhoto(keypoints, squareMapping(width, height)));
    return onGrid(box, Math.max(width, height) / GRID_LINES);
  } catch (thrown) {
    if (thrown instanceof StageError && thrown.code === 'E_BAD_KEYPOINTS') return null;
    throw thrown;
  }
}

function inPhoto(keypoints: KeypointTable, { scale, offsetX, offsetY }: SquareMapping): KeypointTable {
  const out = keypoints.slice();
  for (let i = 0; i < out.length; i += 3) {
    out[i] = out[i] / scale - offsetX;
    out[i + 1] = out[i + 1] / scale - offsetY;
  }
  return out;
}

/** Share of a person's points that lie on the mask. */
function shareOnMask({ keypoints }: FoundPerson, image: RgbaImage, mask: GreyImage): number {
  const [stepX, stepY] = [mask.width / image.width, mask.height / image.height];
  let on = 0;
  for (let i = 0; i < keypoints.length; i += 3) {
    const x = Math.floor(keypoints[i] * stepX);
    const y = Math.floor(keypoints[i + 1] * stepY);
    if (x < 0 || y < 0 || x >= mask.width || y >= mask.height) continue;
    if (mask.data[y * mask.width + x] >= 128) on++;
  }
  return on / (keypoints.length / 3);
}

/** Whom the visitor's mask shows; null when it shows nobody who was found. */
async function personOnMask(
  { people }: FoundPeople,
  { image, originalWidth: width, originalHeight: height }: PhotoSource,
  maskFile: Blob,
  context: StageContext,
): Promise<number | null> {
  const mask = await context.services.files.decodeMask(maskFile, { width, height }, context.signal);
  const shares = people.map((person) => shareOnMask(person, image, mask));
  const best = shares.indexOf(Math.max(...shares));
  return shares[best] >= 0.5 ? best : null;
}

/** The square of the photo for a figure, in whole px of the decoded picture. */
function squareFor(figure: FigureBox, { image, originalWidth, originalHeight }: PhotoSource): SquareMapping {
  const reduced = image.width / originalWidth;
  const inImage = framedMapping(scaledBox(figure, reduced), squareMapping(image.width, image.height));
  if (reduced === 1) return inImage;
  return {
    width: originalWidth,
    height: originalHeight,
    canvas: inImage.canvas,
    offsetX: inImage.offsetX / reduced,
    offsetY: inImage.offsetY / reduced,
    scale: inImage.scale * reduced,
  };
}

/** @throws StageError E_NO_PERSON when a person is asked for who is not there; E_BAD_MASK. */
export async function runFrame(
  inputs: FrameInputs,
  subject: SubjectId,
  mode: RunMode,
  context: StageContext,
): Promise<FrameResult> {
  const { decoded, people: found, maskFile } = inputs;
  const { originalWidth: width, originalHeight: height, image } = decoded;
  const whole = squareMapping(width, height);
  const number = personNumber(subject);
  if (mode === 'reference' || !found) {
    if (number !== null && number > 1) throw nobodyOfNumber(number, null);
    return { mapping: whole, camera: cameraOf(whole, null), person: null, notices: [] };
  }
  const { people, main } = found;
  const wanted = number === null ? null : number - 1;
  if (wanted !== null && !people[wanted] && (people.length > 0 || wanted > 0)) {
    throw nobodyOfNumber(wanted + 1, people.length);
  }
  const fromFile = figureOfFile(inputs);
  const enlarged = width / image.width;
  const boxes = people.map(({ figure }) => scaledBox(figure, enlarged));
  let person = people[wanted ?? -1] ? wanted : null;
  if (person === null && fromFile) {
    const near = boxes.map((box) => overlap(box, fromFile));
    const best = near.indexOf(Math.max(...near));
    if (best >= 0 && near[best] >= SAME_FIGURE) person = best;
  }
  if (person === null && maskFile && people.length > 1) {
    person = await personOnMask(found, decoded, maskFile, context);
  }
  person ??= main;
  // Not the given points where somebody was found: a joint that the visitor moves must not move the canvas.
  const figure = person === null ? fromFile : boxes[person];
  const mapping = figure ? squareFor(figure, decoded) : whole;
  return {
    mapping,
    camera: cameraOf(mapping, decoded.focalPx),
    person,
    notices: [
      ...(people.length > 1 ? [severalPeople(people.length, person, wanted !== null)] : []),
      ...people.flatMap(({ doubt }, i) => (doubt ? [doubtSentence(doubt, i, people.length)] : [])),
    ],
  };
}

function severalPeople(count: number, person: number | null, chosen: boolean): string {
  const who = person === null ? 'the marked one' : `number ${person + 1} from the left`;
  return `${count} people were found; ${who} ${chosen ? 'was chosen' : 'is taken'}.`;
}

function doubtSentence(doubt: Doubt, index: number, count: number): string {
  const who = count > 1 ? `Number ${index + 1}` : 'The person';
  return doubt === 'statue'
    ? `${who} is of one colour from head to feet and may be a statue.`
    : `${who} looks like another one’s mirror image.`;
}

function nobodyOfNumber(number: number, count: number | null): StageError {
  if (count === null) {
    return new StageError('photo', 'E_NO_PERSON', 'Reference mode takes the photo as it is.', {
      fix: 'Choose robust mode to pick one of several people.',
    });
  }
  const there = count === 1 ? 'One person was' : `${count === 0 ? 'No' : count} people were`;
  return new StageError(
    'photo',
    'E_NO_PERSON',
    `${there} found in this photo; there is no number ${number}.`,
    {
      fix: count === 0 ? 'Use a photo that shows the person whole.' : `Choose a number from 1 to ${count}.`,
    },
  );
}
