/**
 * Writes the keypoint files of this folder from one bundled sample (CC0), each as a tool of the world would write it or
 * spoil it: `npx tsx tests/cases/keypoints/make-cases.ts`. src/intake/keypoints/cases.test.ts says what each must give.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

type Point = readonly [x: number, y: number, c: number];
const folder = import.meta.dirname;
const sample = JSON.parse(readFileSync(resolve(folder, '../../golden/person_keypoints.json'), 'utf8'));
const person = sample.people[0];
const rows = (list: number[]): Point[] =>
  Array.from({ length: list.length / 3 }, (_, i) => list.slice(3 * i, 3 * i + 3) as unknown as Point);
const round = (v: number) => Math.round(v * 1e5) / 1e5;
const flat = (points: readonly Point[]) => points.flat().map(round);
const xy = (points: readonly Point[]) => points.map(([x, y]) => [round(x), round(y)]);
const scores = (points: readonly Point[]) => points.map(([, , c]) => c);
const pick = (points: readonly Point[], order: readonly number[]) => order.map((i) => points[i]);
const moved = (points: readonly Point[], map: (x: number, y: number) => [number, number]): Point[] =>
  points.map(([x, y, c]) => (c > 0 ? [...map(x, y), c] : [0, 0, 0]));
const mean = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 0.9];
const NONE: Point = [0, 0, 0];
const none = (n: number): Point[] => new Array(n).fill(NONE);

const SIZE = 2048;
const BODY = rows(person.pose_keypoints_2d);
const LEFT = rows(person.hand_left_keypoints_2d);
const RIGHT = rows(person.hand_right_keypoints_2d);
/** BODY_25 row of each point of another layout. */
const COCO17 = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11];
const COCO18 = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
const FEET = [19, 20, 21, 22, 23, 24];
const coco17 = pick(BODY, COCO17);
const coco18 = pick(BODY, COCO18);
const neck = BODY[1];
const headTop: Point = [1004, 385, 0.9];
const body25b = [...coco17, neck, headTop, ...pick(BODY, FEET)];
const halpe26 = [...coco17, headTop, neck, BODY[8], ...pick(BODY, [19, 22, 20, 23, 21, 24])];
const wholeBody = [...coco17, ...pick(BODY, FEET), ...none(68), ...LEFT, ...RIGHT];
const goliathHand = (hand: readonly Point[]) =>
  pick(hand, [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13, 20, 19, 18, 17, 0]);
const sapiens = [
  ...coco17.slice(0, 9),
  ...coco17.slice(11),
  ...pick(BODY, FEET),
  ...goliathHand(RIGHT),
  ...goliathHand(LEFT),
  ...none(245),
];
const mpii = [...pick(BODY, [11, 10, 9, 12, 13, 14, 8, 1]), neck, headTop, ...pick(BODY, [4, 3, 2, 5, 6, 7])];
const h36m = [
  ...pick(BODY, [8, 9, 10, 11, 12, 13, 14]),
  mean(BODY[1], BODY[8]),
  neck,
  BODY[0],
  headTop,
  ...pick(BODY, [5, 6, 7, 2, 3, 4]),
];
const mpi15 = [headTop, ...pick(BODY, [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]), mean(BODY[1], BODY[8])];
/** MediaPipe: face points between eyes and ears, mouth, knuckles from the hands, no small toes. */
const blaze = [
  ...pick(BODY, [0, 16, 16, 16, 15, 15, 15, 18, 17, 0, 0, 5, 2, 6, 3, 7, 4]),
  ...[LEFT[17], RIGHT[17], LEFT[5], RIGHT[5], LEFT[2], RIGHT[2]],
  ...pick(BODY, [12, 9, 13, 10, 14, 11, 21, 24, 19, 22]),
];
const table31 = [
  ...coco17,
  ...pick(BODY, FEET),
  ...pick(LEFT, [6, 10, 14, 18]),
  ...pick(RIGHT, [6, 10, 14, 18]),
];
const COCO_NAMES =
  'nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle'.split(
    ' ',
  );

interface Parts {
  readonly body?: readonly Point[];
  readonly left?: readonly Point[];
  readonly right?: readonly Point[];
}
const openPosePerson = ({ body = BODY, left = LEFT, right = RIGHT }: Parts = {}) => ({
  person_id: [-1],
  pose_keypoints_2d: flat(body),
  face_keypoints_2d: [],
  hand_left_keypoints_2d: flat(left),
  hand_right_keypoints_2d: flat(right),
  pose_keypoints_3d: [],
});
const openPose = (...people: unknown[]) => ({ version: 1.3, people });
const everywhere = (map: (x: number, y: number) => [number, number]) =>
  openPosePerson({ body: moved(BODY, map), left: moved(LEFT, map), right: moved(RIGHT, map) });
const bare = { face_keypoints_2d: null, hand_left_keypoints_2d: null, hand_right_keypoints_2d: null };
const canvas = (body: readonly Point[], width: number, height: number) => ({
  people: [{ pose_keypoints_2d: flat(body), ...bare }],
  canvas_height: height,
  canvas_width: width,
});
const half = moved(coco18, (x, y) => [x / 2, y / 2]);
const mirroredLabels = pick(
  BODY,
  [0, 1, 5, 6, 7, 2, 3, 4, 8, 12, 13, 14, 9, 10, 11, 16, 15, 18, 17, 22, 23, 24, 19, 20, 21],
);
const centred = (points: readonly Point[]): Point[] =>
  points.map(([x, y, c]) => (c > 0 ? [x / 1024 - 1, y / 1024 - 1, c] : [-1, -1, 0]));
/** The person at half size in the lower right quarter of a photo of 2048 px. */
const corner = (x: number, y: number): [number, number] => [1024 + x / 2, 1024 + y / 2];
const text = JSON.stringify(openPose(openPosePerson()));
const replacePose = (value: unknown) => openPose({ ...openPosePerson(), pose_keypoints_2d: value });
const landmarks = blaze.map(([x, y, c]) => ({
  x: round(x / SIZE),
  y: round(y / SIZE),
  z: -0.1,
  visibility: c,
}));

const files: Record<string, unknown> = {
  openpose_1_3: openPose(openPosePerson()),
  bom: `\uFEFF${text}`,
  utf16_le: Buffer.from(`\uFEFF${text}`, 'utf16le'),
  utf16_be: Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  crlf_pretty: JSON.stringify(openPose(openPosePerson()), null, 1).replaceAll('\n', '\r\n'),
  json_lines: `${JSON.stringify(canvas(coco18, SIZE, SIZE))}\n${JSON.stringify(canvas(half, SIZE, SIZE))}\n`,
  coco18: openPose({ pose_keypoints_2d: flat(coco18), face_keypoints_2d: [], hand_left_keypoints_2d: [] }),
  v1_1_names_body25: { version: 1.1, people: [{ pose_keypoints: flat(BODY), hand_left_keypoints: [] }] },
  v1_1_names_coco18: {
    version: 1.1,
    people: [
      { pose_keypoints: flat(coco18), hand_left_keypoints: flat(LEFT), hand_right_keypoints: flat(RIGHT) },
    ],
  },
  body19: openPose({ pose_keypoints_2d: flat(BODY.slice(0, 19)) }),
  body25b: openPose(openPosePerson({ body: body25b })),
  body135: openPose({
    pose_keypoints_2d: flat([...body25b, ...LEFT.slice(1), ...RIGHT.slice(1), ...none(70)]),
  }),
  mpi15: openPose({ pose_keypoints_2d: flat(mpi15) }),
  controlnet_object: canvas(coco18, SIZE, SIZE),
  comfyui_list: [canvas(coco18, SIZE, SIZE)],
  comfyui_frames: [
    canvas(coco18, SIZE, SIZE),
    canvas(
      moved(coco18, (x, y) => [x + 9, y]),
      SIZE,
      SIZE,
    ),
  ],
  controlnet_normalised: canvas(
    moved(coco18, (x, y) => [x / SIZE, y / SIZE]),
    1024,
    1024,
  ),
  canvas_1024: {
    people: [{ pose_keypoints_2d: flat(moved(BODY, (x, y) => [x / 2, y / 2])), hand_left_keypoints_2d: [] }],
    canvas_height: 1024,
    canvas_width: 1024,
  },
  canvas_blocks: canvas(
    moved(coco18, (x, y) => [((x - 341) * 512) / 1365, (y * 768) / 2048]),
    512,
    768,
  ),
  canvas_not_its_own: canvas(coco18, 512, 512),
  canvas_other_shape: canvas(
    moved(coco18, (x, y) => [x / 3, y / 4]),
    683,
    512,
  ),
  canvas_turned: canvas(
    moved(coco18, (x, y) => [y, 1365 - (x - 341)]),
    2048,
    1365,
  ),
  foot_keypoints: {
    people: [{ pose_keypoints_2d: flat(coco18), foot_keypoints_2d: flat(pick(BODY, FEET)), ...bare }],
    canvas_width: SIZE,
    canvas_height: SIZE,
  },
  normalised_01: openPose(everywhere((x, y) => [x / SIZE, y / SIZE])),
  normalised_m1_1: openPose(
    openPosePerson({
      body: centred(BODY.map((p, i) => (i === 17 ? NONE : p))),
      left: centred(LEFT),
      right: centred(RIGHT),
    }),
  ),
  normalised_m1_1_corner: openPose({
    pose_keypoints_2d: flat(
      moved(BODY, (x, y) => {
        const [px, py] = corner(x, y);
        return [px / 1024 - 1, py / 1024 - 1];
      }),
    ),
  }),
  normalised_01_corner: openPose({
    pose_keypoints_2d: flat(
      moved(BODY, (x, y) => {
        const [px, py] = corner(x, y);
        return [px / SIZE, py / SIZE];
      }),
    ),
  }),
  tiny_figure_px: openPose(everywhere((x, y) => [x / 64, y / 64])),
  null_hand: openPose({ ...openPosePerson(), hand_right_keypoints_2d: null }),
  null_points: replacePose([...flat(BODY).slice(0, 51), null, null, null, ...flat(BODY).slice(54)]),
  nan_literal: text.replace('1011.104,549.948,0.9', 'NaN,NaN,0.0'),
  strings: replacePose(flat(BODY).map(String)),
  nested: replacePose(BODY),
  no_confidence: replacePose(xy(BODY).flat()),
  conf_zero: replacePose(flat(BODY).map((v, i) => (i % 3 === 2 ? 0 : v))),
  conf_percent: replacePose(flat(BODY).map((v, i) => (i % 3 === 2 ? 90 : v))),
  hand_astray: openPose(openPosePerson({ left: LEFT.map(() => [-5, -5, 0.1]) })),
  same_person_twice: openPose(openPosePerson(), openPosePerson()),
  second_all_zero: openPose(openPosePerson({ body: none(25) }), openPosePerson()),
  two_people: openPose(
    everywhere((x, y) => [x * 1.1 + 900, y * 1.1 - 100]),
    openPosePerson(),
  ),
  mirrored_labels: openPose(openPosePerson({ body: mirroredLabels, left: RIGHT, right: LEFT })),
  part_candidates: { ...openPose(openPosePerson()), part_candidates: [{ '0': [1, 2, 0.5] }] },
  mmpose_list: [
    { keypoints: xy(coco17), keypoint_scores: scores(coco17), bbox: [[0, 0, 1, 1]], bbox_score: 1 },
  ],
  mmpose_nested: {
    predictions: [[{ keypoints: xy(wholeBody), keypoint_scores: scores(wholeBody), bbox: [[0, 0, 1, 1]] }]],
  },
  mmpose_meta: {
    meta_info: {
      dataset_name: 'coco',
      keypoint_id2name: Object.fromEntries(COCO_NAMES.map((n, i) => [i, n])),
    },
    instance_info: [
      { frame_id: 0, instances: [{ keypoints: xy(coco17), keypoint_scores: scores(coco17) }] },
      { frame_id: 1, instances: [{ keypoints: xy(coco17), keypoint_scores: scores(coco17) }] },
    ],
  },
  mmpose_old: [{ bbox: [1, 2, 3, 4, 0.9], keypoints: coco17.map((p) => p.map(round)) }],
  rtmlib: { keypoints: [xy(wholeBody)], scores: [scores(wholeBody)] },
  sapiens_308: { instance_info: [{ keypoints: xy(sapiens), keypoint_scores: scores(sapiens) }] },
  alphapose: [
    { image_id: 'a.jpg', category_id: 1, keypoints: flat(coco17), score: 2.9, box: [0, 0, 10, 10], idx: [0] },
  ],
  alphapose_halpe26: [{ image_id: 'a.jpg', category_id: 1, keypoints: flat(halpe26), score: 3.1 }],
  alphapose_halpe136: [
    {
      image_id: 'a.jpg',
      category_id: 1,
      keypoints: flat([...halpe26, ...none(68), ...LEFT, ...RIGHT]),
      score: 3,
    },
  ],
  alphapose_many: [
    {
      image_id: 'other.jpg',
      category_id: 1,
      keypoints: flat(moved(coco17, (x, y) => [x + 600, y])),
      score: 3,
    },
    { image_id: 'photo.jpg', category_id: 1, keypoints: flat(coco17), score: 3 },
  ],
  alphapose_none_of: ['x.jpg', 'y.jpg'].map((image_id) => ({ image_id, keypoints: flat(coco17), score: 3 })),
  alphapose_by_name: { 'photo.jpg': openPose({ pose_keypoints_2d: flat(coco18) }) },
  coco_annotations: {
    images: [
      { id: 7, file_name: 'photo.jpg', width: SIZE, height: SIZE },
      { id: 8, file_name: 'b.jpg', width: 640, height: 480 },
    ],
    annotations: [
      { id: 1, image_id: 8, category_id: 1, keypoints: flat(half.slice(0, 17)).map(Math.round) },
      {
        id: 2,
        image_id: 7,
        category_id: 1,
        num_keypoints: 16,
        bbox: [1, 2, 3, 4],
        keypoints: coco17.flatMap(([x, y], i) =>
          i === 4 ? [0, 0, 0] : [Math.round(x), Math.round(y), i % 2 ? 2 : 1],
        ),
      },
    ],
    categories: [{ id: 1, name: 'person', keypoints: COCO_NAMES, skeleton: [[1, 2]] }],
  },
  coco_wholebody: {
    images: [{ id: 1, file_name: 'photo.jpg', width: 1024, height: 1024 }],
    annotations: [
      {
        image_id: 1,
        keypoints: flat(moved(coco17, (x, y) => [x / 2, y / 2])),
        foot_kpts: flat(moved(pick(BODY, FEET), (x, y) => [x / 2, y / 2])),
        lefthand_kpts: flat(moved(LEFT, (x, y) => [x / 2, y / 2])),
        righthand_kpts: flat(moved(RIGHT, (x, y) => [x / 2, y / 2])),
        face_kpts: [],
      },
    ],
  },
  yolo_pose: [
    {
      name: 'person',
      class: 0,
      confidence: 0.93,
      box: { x1: 1, y1: 2, x2: 3, y2: 4 },
      keypoints: { x: coco17.map((p) => p[0]), y: coco17.map((p) => p[1]), visible: scores(coco17) },
    },
  ],
  yolo_normalised: [
    {
      name: 'person',
      keypoints: {
        x: coco17.map((p) => p[0] / SIZE),
        y: coco17.map((p) => p[1] / SIZE),
        visible: scores(coco17),
      },
    },
  ],
  mediapipe_js: { landmarks: [landmarks], worldLandmarks: [landmarks.map((p) => ({ ...p, x: p.x - 0.5 }))] },
  mediapipe_python: { pose_landmarks: { landmark: landmarks } },
  mediapipe_holistic: {
    poseLandmarks: landmarks,
    leftHandLandmarks: LEFT.map(([x, y]) => ({ x: round(x / SIZE), y: round(y / SIZE), z: 0 })),
    rightHandLandmarks: RIGHT.map(([x, y]) => ({ x: round(x / SIZE), y: round(y / SIZE), z: 0 })),
  },
  json_in_string: JSON.stringify(JSON.stringify([canvas(coco18, SIZE, SIZE)])),
  two_pieces: openPose(
    openPosePerson({
      body: BODY.map((p, i) => (i < 13 && i !== 10 && i !== 11 ? p : i > 14 && i < 19 ? p : NONE)),
    }),
    openPosePerson({
      body: BODY.map((p, i) => (i >= 8 && (i < 15 || i > 18) ? p : NONE)),
      left: none(21),
      right: none(21),
    }),
  ),
  controlnet_animals: { people: [], animals: [flat(coco17)], canvas_width: SIZE, canvas_height: SIZE },
  mmpose_3d: [
    { keypoints: coco17.map(([x, y]) => [x / SIZE, y / SIZE, 0.3]), keypoint_scores: scores(coco17) },
  ],
  mediapipe_world: { worldLandmarks: [landmarks] },
  movenet: [
    { score: 0.9, keypoints: coco17.map(([x, y, score], i) => ({ x, y, score, name: COCO_NAMES[i] })) },
  ],
  posenet: [
    {
      pose: {
        score: 0.9,
        keypoints: coco17.map(([x, y, score], i) => ({
          score,
          part: COCO_NAMES[i].replace(/_(\w)/, (_, c: string) => c.toUpperCase()),
          position: { x, y },
        })),
      },
    },
  ],
  named_points: { people: [{ keypoints: Object.fromEntries(coco17.map((p, i) => [COCO_NAMES[i], p])) }] },
  mpii16: [{ keypoints: xy(mpii), keypoint_scores: scores(mpii) }],
  h36m17: [{ keypoints: xy(h36m), keypoint_scores: scores(h36m) }],
  table_31: table31,
  knees_up: openPose({
    pose_keypoints_2d: flat(
      BODY.map((p, i) => ([10, 11, 13, 14, 19, 20, 21, 22, 23, 24].includes(i) ? NONE : p)),
    ),
  }),
  scale_half: openPose(everywhere((x, y) => [x / 2, y / 2])),
  scale_double: openPose(everywhere((x, y) => [x * 2, y * 2])),
  unturned: openPose(everywhere((x, y) => [y, 1365 - (x - 341)])),
  mirror_image: openPose(everywhere((x, y) => [SIZE - x, y])),
  percent: openPose(everywhere((x, y) => [(100 * x) / SIZE, (100 * y) / SIZE])),
  swapped_axes: openPose(everywhere((x, y) => [y, x])),
  out_of_frame: openPose(everywhere((x, y) => [x + 3000, y + 3000])),
  cropped_after: openPose(everywhere((x, y) => [x + 300, y + 250])),
  another_pose: openPose(everywhere((x, y) => [60 + y * 0.3, 1700 + x * 0.15])),
  face_only: openPose({ face_keypoints_2d: flat(none(70).map((_, i) => [900 + i, 500 + i, 0.8])) }),
  hands_only: openPose({ pose_keypoints_2d: [], hand_left_keypoints_2d: flat(LEFT) }),
  hand_landmarks: { landmarks: [LEFT.map(([x, y]) => ({ x: x / SIZE, y: y / SIZE, z: 0 }))] },
  animal: {
    categories: [{ id: 1, keypoints: ['nose', 'l_ear', 'l_f_paw', 'r_f_paw', 'tailbase', 'withers'] }],
    annotations: [{ image_id: 1, keypoints: flat(coco17.slice(0, 6)) }],
  },
  smpl_24: [{ keypoints: xy([...coco17, ...BODY.slice(0, 7)]) }],
  three_d_only: openPose({ person_id: [-1], pose_keypoints_2d: [], pose_keypoints_3d: [] }),
  twelve_points: openPose({ pose_keypoints_2d: flat(BODY.slice(0, 12)) }),
  odd_count: replacePose(flat(BODY).slice(0, 74)),
  short_hand: openPose({ ...openPosePerson(), hand_right_keypoints_2d: flat(RIGHT).slice(0, 60) }),
  word_for_number: replacePose(flat(BODY).map((v, i) => (i === 4 ? 'left' : v))),
  empty_people: openPose(),
  empty_list: [],
  all_zero: openPose(openPosePerson({ body: none(25), left: none(21), right: none(21) })),
  three_points: openPose({ pose_keypoints_2d: flat([...BODY.slice(0, 3), ...none(22)]) }),
  cut: text.slice(0, 400),
  trailing_comma: `${text.slice(0, -1)},}`,
  yaml: '%YAML:1.0\n---\npose_0: !!opencv-nd-matrix\n   sizes: [ 1, 25, 3 ]\n',
  python_dict: "{'people': [{'pose_keypoints_2d': [1.0, 2.0, None]}]}",
  web_page: '<!DOCTYPE html><html><title>Not found</title></html>',
  blank: '  \n',
  other_json: { type: 'FeatureCollection', features: [] },
};

for (const [name, content] of Object.entries(files)) {
  const data = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(resolve(folder, `${name}.json`), data);
}
console.log(`${Object.keys(files).length} files`);
