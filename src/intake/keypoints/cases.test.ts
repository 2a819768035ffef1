/**
 * Keypoint files of the world: each of tests/cases/keypoints gives the person's 31 points in the photo, or one sentence.
 * Points that a file holds must be exact; those its layout lacks are estimated and must still be near the true ones.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawnMatte, truePoints } from '../../../tests/cases/keypoints/drawn-person.ts';
import { StageError } from '../../base/errors.ts';
import type { GreyImage } from '../../base/images.ts';
import { KEYPOINT_IDS, type KeypointTable } from '../../geometry/body.ts';
import { photoFromCanvas, squareMapping, toCanvas } from '../../geometry/keypoints.ts';
import { decodeJsonText } from './json-text.ts';
import { keypointsOfPhoto } from './keypoints-of-photo.ts';

const FOLDER = resolve(import.meta.dirname, '../../../tests/cases/keypoints');

interface Photo {
  readonly width: number;
  readonly height: number;
  /** The person's true points in this photo. */
  readonly truth: KeypointTable;
  readonly matte: GreyImage;
}

function photoWith(width: number, height: number, map: (x: number, y: number) => [number, number]): Photo {
  const truth = truePoints();
  for (let i = 0; i < truth.length; i += 3) truth.set(map(truth[i], truth[i + 1]), i);
  return { width, height, truth, matte: drawnMatte(truth, width, height) };
}

const SQUARE = photoWith(2048, 2048, (x, y) => [x, y]);
/** The sample cut to 1365 px around the person. */
const NARROW = photoWith(1365, 2048, (x, y) => [x - 341, y]);
/** Half as large, in the lower right quarter. */
const CORNER = photoWith(2048, 2048, (x, y) => [1024 + x / 2, 1024 + y / 2]);
const TINY = photoWith(32, 32, (x, y) => [x / 64, y / 64]);
/** The sample cut off below the knees: the feet lie outside. */
const CUT_OFF = photoWith(2048, 1600, (x, y) => [x, y]);

const FINGERS = /Finger/;
const HANDS_FEET = /Finger|Toe|Heel/;
const NO_FACE = /Finger|Toe|Heel|nose|Eye|Ear/;

/** File, layout it is read as, joints that are estimated, what the visitor is told, the photo. */
const READ: readonly [
  file: string,
  layout: string,
  estimated: RegExp | null,
  says: RegExp | null,
  photo?: Photo,
][] = [
  ['openpose_1_3', 'BODY_25', null, null],
  ['bom', 'BODY_25', null, null],
  ['utf16_le', 'BODY_25', null, null],
  ['utf16_be', 'BODY_25', null, null],
  ['crlf_pretty', 'BODY_25', null, null],
  ['json_lines', 'COCO-18', HANDS_FEET, /2 pictures or frames; the first/],
  ['coco18', 'COCO-18', HANDS_FEET, /COCO-18 layout without toes, heels and fingers: these are estimated/],
  ['v1_1_names_body25', 'BODY_25', FINGERS, null],
  ['v1_1_names_coco18', 'COCO-18', /Toe|Heel/, /without toes and heels/],
  ['body19', 'BODY_19', HANDS_FEET, /BODY_19/],
  ['body25b', 'BODY_25B', null, null],
  ['body135', 'BODY_135', null, null],
  ['mpi15', 'MPI-15', NO_FACE, /MPI-15 layout without face, toes, heels and fingers/],
  ['controlnet_object', 'COCO-18', HANDS_FEET, /estimated/],
  ['comfyui_list', 'COCO-18', HANDS_FEET, /estimated/],
  ['comfyui_frames', 'COCO-18', HANDS_FEET, /2 pictures or frames; the first/],
  ['controlnet_normalised', 'COCO-18', HANDS_FEET, /from 0 to 1; they were scaled/],
  ['canvas_1024', 'BODY_25', FINGERS, /1024 × 1024 px; they were scaled to the photo of 2048 × 2048/],
  ['canvas_blocks', 'COCO-18', HANDS_FEET, /512 × 768 px; they were scaled/, NARROW],
  ['canvas_not_its_own', 'COCO-18', HANDS_FEET, /estimated/],
  ['foot_keypoints', 'COCO-18', FINGERS, /without fingers/],
  ['normalised_01', 'BODY_25', null, /from 0 to 1; they were scaled/],
  ['normalised_m1_1', 'BODY_25', /rightEar/, /from −1 to 1; they were scaled/],
  ['normalised_m1_1_corner', 'BODY_25', FINGERS, /from −1 to 1/, CORNER],
  ['normalised_01_corner', 'BODY_25', FINGERS, /from 0 to 1/, CORNER],
  ['tiny_figure_px', 'BODY_25', null, null, TINY],
  ['null_hand', 'BODY_25', /rightFinger/, null],
  ['null_points', 'BODY_25', /rightEar/, null],
  ['nan_literal', 'BODY_25', /nose/, null],
  ['strings', 'BODY_25', null, null],
  ['nested', 'BODY_25', null, null],
  ['no_confidence', 'BODY_25', null, null],
  ['conf_zero', 'BODY_25', null, null],
  ['conf_percent', 'BODY_25', null, null],
  ['hand_astray', 'BODY_25', /leftFinger/, /4 points of hands or feet lie far/],
  ['same_person_twice', 'BODY_25', null, null],
  ['second_all_zero', 'BODY_25', null, null],
  ['two_people', 'BODY_25', null, /2 people.*the one on the outline \(number 2\)/],
  ['mirrored_labels', 'BODY_25', null, /Left and right are swapped.*swapped back/],
  ['part_candidates', 'BODY_25', null, null],
  ['mmpose_list', 'COCO-17', HANDS_FEET, /estimated/],
  ['mmpose_nested', 'COCO-WholeBody', null, null],
  ['mmpose_meta', 'COCO-17', HANDS_FEET, /2 pictures or frames; the first/],
  ['mmpose_old', 'COCO-17', HANDS_FEET, /estimated/],
  ['rtmlib', 'COCO-WholeBody', null, null],
  ['sapiens_308', 'Sapiens-308', null, null],
  ['alphapose', 'COCO-17', HANDS_FEET, /estimated/],
  ['alphapose_halpe26', 'Halpe-26', FINGERS, /without fingers/],
  ['alphapose_halpe136', 'Halpe-136', null, null],
  ['alphapose_many', 'COCO-17', HANDS_FEET, /estimated/],
  ['alphapose_by_name', 'COCO-18', HANDS_FEET, /estimated/],
  ['coco_annotations', 'COCO-17', /Finger|Toe|Heel|rightEar/, /estimated/],
  ['coco_wholebody', 'COCO-17', null, /1024 × 1024 px; they were scaled/],
  ['yolo_pose', 'COCO-17', HANDS_FEET, /estimated/],
  ['yolo_normalised', 'COCO-17', HANDS_FEET, /from 0 to 1/],
  ['mediapipe_js', 'MediaPipe', /Finger|SmallToe/, /from 0 to 1/],
  ['mediapipe_holistic', 'MediaPipe', /SmallToe/, /from 0 to 1/],
  ['json_in_string', 'COCO-18', HANDS_FEET, /estimated/],
  ['two_pieces', 'BODY_25', null, /parts of one person and were joined/],
  ['mediapipe_python', 'MediaPipe', /Finger|SmallToe/, /from 0 to 1/],
  ['movenet', 'COCO-17', HANDS_FEET, /estimated/],
  ['posenet', 'COCO-17', HANDS_FEET, /estimated/],
  ['named_points', 'COCO-17', HANDS_FEET, /estimated/],
  ['mpii16', 'MPII-16', NO_FACE, /MPII-16 layout without face/],
  ['h36m17', 'Human3.6M-17', /Finger|Toe|Heel|Eye|Ear/, /Human3.6M-17 layout without face/],
  ['table_31', '31 keypoints', null, null],
  ['knees_up', 'BODY_25', /Finger|Knee|Ankle|Toe|Heel/, null],
  ['openpose_1_3', 'BODY_25', null, null, CUT_OFF],
];

/** File, what the sentence says, the photo. */
const REFUSED: readonly [file: string, sentence: RegExp, photo?: Photo][] = [
  ['canvas_other_shape', /683 × 512 px and the photo is 2048 × 2048 px: the shapes differ/],
  ['canvas_turned', /2048 × 1365 px and the photo is 1365 × 2048 px: width and height are swapped/, NARROW],
  ['scale_half', /None of the 23 keypoints lies on the person.*belong to a photo of 1024 × 1024 px/],
  ['scale_double', /outside this photo of 2048 × 2048 px: they belong to a photo of 4096 × 4096 px/],
  ['openpose_1_3', /belong to a photo of 2048 × 2048 px/, photoWith(1024, 1024, (x, y) => [x / 2, y / 2])],
  ['unturned', /photo of 2048 × 1365 px as the camera stored it, before it was turned/, NARROW],
  ['mirror_image', /mirror image of this photo/],
  ['percent', /parts of the picture from 0 to 100/],
  ['swapped_axes', /x and y are swapped/],
  ['out_of_frame', /All 23 keypoints lie outside this photo of 2048 × 2048 px: .*if moved/],
  ['cropped_after', /lie on this person if moved, so the photo was cropped/],
  ['another_pose', /belong to another photo or to another person/],
  ['alphapose_none_of', /2 pictures, and none of them is called “photo”/],
  ['mediapipe_world', /only 3D points/],
  ['controlnet_animals', /animal/],
  ['mmpose_3d', /only 3D points/],
  ['face_only', /only a face, without a body/],
  ['hands_only', /only hands, without a body/],
  ['hand_landmarks', /one hand \(21 points\)/],
  ['animal', /animal/],
  ['smpl_24', /24 joints of SMPL/],
  ['three_d_only', /only 3D points/],
  ['twelve_points', /12 points, a layout that is not known/],
  ['odd_count', /74 numbers|37 points/],
  ['short_hand', /"hand_right_keypoints_2d" of person 1 has 20 points where 21/],
  ['word_for_number', /"left" at point 1 instead of a number/],
  ['empty_people', /found no person/],
  ['empty_list', /found no person/],
  ['all_zero', /All keypoints in the file are zero/],
  ['three_points', /Only 2 of 23 body points/],
  ['cut', /not valid JSON: it ends in the middle/],
  ['trailing_comma', /not valid JSON/],
  ['yaml', /OpenCV YAML.*not valid JSON/],
  ['python_dict', /printed Python value/],
  ['web_page', /a web page/],
  ['blank', /empty/],
  ['other_json', /no keypoints of a person that could be recognised/],
];

/** Given points: a rounding of the file, of the photo's longer side. Estimated ones: of the person's height. */
const GIVEN = 0.0006;
const ESTIMATED = 0.085;

function read(file: string, photo: Photo) {
  const text = decodeJsonText(new Uint8Array(readFileSync(resolve(FOLDER, `${file}.json`))));
  const { width, height, matte } = photo;
  return keypointsOfPhoto(text, { name: 'photo', width, height }, matte, 'robust');
}

describe('files that are read', () => {
  for (const [file, layout, estimated, says, photo = SQUARE] of READ) {
    test(`${file}, ${photo.width} × ${photo.height}`, () => {
      const found = read(file, photo);
      expect(found.layout).toBe(layout);
      if (says) expect(found.notices.join(' ')).toMatch(says);
      else expect(found.notices).toEqual([]);
      const mapping = squareMapping(photo.width, photo.height);
      const { keypoints } = toCanvas(found.table, mapping, 'robust');
      const { truth } = photo;
      const tall = truth[KEYPOINT_IDS.indexOf('leftHeel') * 3 + 1] - truth[1];
      for (const [row, id] of KEYPOINT_IDS.entries()) {
        const [x, y] = photoFromCanvas(mapping, keypoints[row * 3], keypoints[row * 3 + 1]);
        const far = Math.hypot(x - truth[row * 3], y - truth[row * 3 + 1]);
        const most = estimated?.test(id)
          ? ESTIMATED *
            (/^(left|right)(Knee|Ankle|BigToe|SmallToe|Heel)/.test(id) && file === 'knees_up' ? 2 : 1) *
            tall
          : GIVEN * Math.max(photo.width, photo.height);
        expect(far, `${id} is ${far.toFixed(2)} px off`).toBeLessThanOrEqual(most);
      }
    });
  }
});

describe('files that are refused', () => {
  for (const [file, sentence, photo = SQUARE] of REFUSED) {
    test(`${file}, ${photo.width} × ${photo.height}`, () => {
      let thrown: unknown;
      try {
        read(file, photo);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(StageError);
      const error = thrown as StageError;
      expect(error.code).toBe('E_BAD_KEYPOINTS');
      expect(error.message).toMatch(sentence);
      expect(error.message).toMatch(/\.$/);
      expect(error.fix).toMatch(/\w.{20,}\.$/);
    });
  }
});

test('every file of the folder has a row', () => {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace('.json', ''));
  const rows = new Set([...READ.map(([file]) => file), ...REFUSED.map(([file]) => file)]);
  expect(files.filter((file) => !rows.has(file))).toEqual([]);
});
