/** The pure maths of the room: viewport, part frames, relighting, colours, edges, camera. */
import { Vector3 } from 'three';
import { describe, expect, test } from 'vitest';
import { finish } from '../base/steps.ts';
import type { PartReport } from '../digitizer/types.ts';
import { PART_IDS, type PartId } from '../geometry/body.ts';
import { cloudFromCanvas } from '../geometry/camera.ts';
import { MATCAPS } from '../store/model-state.ts';
import { FIELD_OF_VIEW_DEG, fitDistance, photoPinhole, placeOf, swungFrom } from './camera-poses.ts';
import {
  confidenceColour,
  confidenceVertexColours,
  LINEAR_FROM_SRGB,
  linearVertexColours,
  seenVertexColours,
  srgbFromLinear,
} from './colour.ts';
import { edgeIndices, edgeLengths, measureFigure } from './figure-geometry.ts';
import { ballPixels } from './matcaps.ts';
import { canvasFromCrop, cropFromCanvas, onCanvasOf, partAt } from './part-frame.ts';
import { angleDeg, canvasCoding, lightFromDisc, normalAt, relight, thinned } from './relight.ts';
import { frameCorners, onPlane, planeOf } from './section-plane.ts';
import { NO_PART, partColours, vertexPartsSteps } from './vertex-parts.ts';
import {
  columnsFor,
  frameAround,
  fullFrame,
  homeViewport,
  lookOfViewport,
  MAX_SCALE,
  panBy,
  pictureFromPane,
  placePicture,
  THE_CANVAS,
  viewportOfLook,
  zoomAt,
} from './viewport.ts';

const PICTURE = { width: 2048, height: 2048 };
const PANE = { width: 800, height: 600 };
const WHOLE = fullFrame(PICTURE);

describe('viewport', () => {
  test('at home the frame fits and is centred', () => {
    const place = placePicture(homeViewport(WHOLE), WHOLE, PANE);
    expect(place.scale).toBeCloseTo(600 / 2048);
    expect(place.offsetY).toBeCloseTo(0);
    expect(place.offsetX).toBeCloseTo(100);
  });

  test('zooming keeps the point under the pointer', () => {
    let viewport = homeViewport(WHOLE);
    const before = pictureFromPane(placePicture(viewport, WHOLE, PANE), 300, 120);
    for (const factor of [1.7, 2.2, 0.6]) viewport = zoomAt(viewport, WHOLE, PANE, 300, 120, factor);
    const after = pictureFromPane(placePicture(viewport, WHOLE, PANE), 300, 120);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  test('zoom ends at single pixels, and panning at the edge', () => {
    let viewport = homeViewport(WHOLE);
    for (let i = 0; i < 50; i++) viewport = zoomAt(viewport, WHOLE, PANE, 10, 10, 2);
    expect(placePicture(viewport, WHOLE, PANE).scale).toBeCloseTo(MAX_SCALE);
    viewport = panBy(viewport, WHOLE, PANE, 1e7, -1e7, PICTURE);
    expect([viewport.centreX, viewport.centreY]).toEqual([0, 2048]);
  });

  test('a frame around points stays inside the picture; no points mean the whole', () => {
    const frame = frameAround(
      [
        [10, 500],
        [400, 1500],
      ],
      PICTURE,
      0.05,
    );
    expect(frame).toEqual({ x: 0, y: 450, width: 450, height: 1100 });
    expect(frameAround([], PICTURE, 0.1)).toEqual(WHOLE);
    const above = frameAround(
      [
        [10, 500],
        [400, 1500],
      ],
      PICTURE,
      0.05,
      0.2,
    );
    expect(above).toEqual({ x: 0, y: 450, width: 450, height: 1300 });
  });

  test('six panes take the columns that show the picture larger', () => {
    const room = { width: 600, height: 850 };
    expect(columnsFor({ width: 224, height: 352 }, room, 6)).toBe(3);
    expect(columnsFor({ width: 256, height: 272 }, room, 6)).toBe(2);
  });
});

describe('part frames', () => {
  // A forearm crop (224 x 352) turned by 90 degrees and twice as large, its top-left corner at (1000, 200).
  const turned: PartReport = {
    part: 'leftForearm',
    corners: [
      [1000, 200],
      [1000, 648],
      [296, 648],
      [296, 200],
    ],
    scale: 2,
    confidence: 1,
    estimated: false,
  };

  test('crop and canvas are inverse to each other', () => {
    expect(canvasFromCrop(turned, 0, 0)).toEqual([1000, 200]);
    expect(canvasFromCrop(turned, 224, 352)).toEqual([296, 648]);
    const [x, y] = cropFromCanvas(turned, ...canvasFromCrop(turned, 31.5, 200.25));
    expect(x).toBeCloseTo(31.5, 9);
    expect(y).toBeCloseTo(200.25, 9);
  });

  test('the smaller box wins where boxes lie over each other', () => {
    const foot: PartReport = {
      part: 'leftFoot',
      corners: [
        [500, 300],
        [628, 300],
        [628, 476],
        [500, 476],
      ],
      scale: 1,
      confidence: 1,
      estimated: false,
    };
    expect(partAt([turned, foot], 550, 400)).toBe('leftFoot');
    expect(partAt([turned, foot], 400, 400)).toBe('leftForearm');
    expect(partAt([turned, foot], 50, 50)).toBeNull();
  });
});

describe('relighting', () => {
  const front = { slopeScale: 1, side: 'front' } as const;
  const back = { slopeScale: 1, side: 'back' } as const;
  const coded = {
    width: 3,
    height: 1,
    // Flat; facing left in the front map (x is stored pointing left); empty.
    data: new Uint8ClampedArray([128, 128, 255, 255, 255, 128, 128, 255, 0, 0, 0, 255]),
  };

  test('reads outward unit normals and knows empty pixels', () => {
    expect(normalAt(coded, front, 0, 0)?.[2]).toBeCloseTo(1, 4);
    expect(normalAt(coded, back, 0, 0)?.[2]).toBeCloseTo(-1, 4);
    expect(normalAt(coded, front, 1, 0)?.[0]).toBeCloseTo(-1, 4);
    expect(normalAt(coded, back, 1, 0)?.[0]).toBeCloseTo(1, 4);
    expect(normalAt(coded, front, 2, 0)).toBeNull();
    expect(normalAt(coded, front, 3, 0)).toBeNull();
    expect(angleDeg([1, 0, 0], [0, 1, 0])).toBeCloseTo(90);
    expect(angleDeg([1, 0, 0], [1 + 1e-9, 0, 0])).toBe(0);
  });

  test('a sphere of coded depth slopes has the normals of a sphere', () => {
    // Depth of the front of a sphere of 100 px, in the coding of the reference: gh, gv, 1/255 in network units.
    const radius = 100;
    const unitPx = 512;
    const depth = (x: number, y: number) => -Math.sqrt(radius ** 2 - x * x - y * y) / unitPx;
    const [x, y] = [50, 30];
    const gh = depth(x, y) - depth(x + 1, y);
    const gv = depth(x, y + 1) - depth(x, y);
    const length = Math.hypot(gh, gv, 1 / 255);
    const bytes = [gh, gv, 1 / 255].map((v) => ((v / length + 1) / 2) * 255);
    const pixel = { width: 1, height: 1, data: new Uint8ClampedArray([...bytes, 255]) };
    const normal = normalAt(pixel, canvasCoding('front'), 0, 0)!;
    expect(angleDeg(normal, [x / radius, y / radius, Math.sqrt(1 - 0.25 - 0.09)])).toBeLessThan(1.5);
  });

  test('what faces the light is bright, what turns away is dark, empty stays clear', () => {
    const [ahead, left] = [[0, 0] as const, [-1, 0] as const].map(
      ([x, y]) => relight(coded, front, lightFromDisc(x, y)).data,
    );
    expect(ahead[0]).toBeGreaterThan(ahead[4] + 60);
    expect(left[4]).toBeGreaterThan(left[0] + 60);
    const behind = relight(coded, back, lightFromDisc(1, 0)).data;
    expect(behind[4]).toBeGreaterThan(behind[0] + 60);
    expect(behind[11]).toBe(0);
  });

  test('fewer pixels are every so many of them', () => {
    expect([...thinned(coded, 2).data]).toEqual([]);
    const wide = { width: 4, height: 2, data: Uint8ClampedArray.from({ length: 32 }, (_, i) => i) };
    expect([...thinned(wide, 2).data]).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
  });
});

describe('colours', () => {
  test('tables agree with each other at every byte', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(Math.abs(srgbFromLinear(LINEAR_FROM_SRGB[byte]) - byte)).toBeLessThanOrEqual(1);
    }
    // IEC 61966-2-1: sRGB 188 is linear 0.5029.
    expect(LINEAR_FROM_SRGB[188]).toBeCloseTo(0.5029, 3);
  });

  test('vertex colours are linear, 16 bit, four a vertex', () => {
    const out = linearVertexColours(new Uint8Array([255, 188, 0]));
    expect([...out]).toEqual([65535, Math.round(LINEAR_FROM_SRGB[188] * 65535), 0, 65535]);
    const seen = seenVertexColours(new Uint8Array([0, 255]));
    expect(seen[2]).toBeGreaterThan(seen[0]);
    expect(seen[4]).toBeGreaterThan(seen[6]);
  });

  test('a vertex has the colour of its confidence', () => {
    const out = confidenceVertexColours(new Uint8Array([0, 128, 255]));
    for (const [v, byte] of [0, 128, 255].entries()) {
      const wanted = confidenceColour(byte / 255).map((c) => Math.round(LINEAR_FROM_SRGB[c] * 65535));
      expect([...out.slice(v * 4, v * 4 + 4)]).toEqual([...wanted, 65535]);
    }
  });

  /** OKLab of linear light (Ottosson 2020). */
  function oklab([r, g, b]: readonly number[]): readonly number[] {
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  }

  // What somebody without one kind of cone sees of linear light: Machado, Oliveira, Fernandes 2009, severity 1.
  test.each([
    ['full sight', [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    [
      'protanopia',
      [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    ],
    [
      'deuteranopia',
      [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    ],
    [
      'tritanopia',
      [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
    ],
  ])('confidence is told apart with %s: lighter at every step, in steps much alike', (_, sight) => {
    const steps = Array.from({ length: 17 }, (_, i) => {
      const light = confidenceColour(i / 16).map((byte) => LINEAR_FROM_SRGB[byte]);
      const seen = [0, 3, 6].map((row) =>
        Math.max(0, sight[row] * light[0] + sight[row + 1] * light[1] + sight[row + 2] * light[2]),
      );
      return oklab(seen);
    });
    const rises = steps.slice(1).map(([lightness], i) => lightness - steps[i][0]);
    const whole = steps[16][0] - steps[0][0];
    expect(whole).toBeGreaterThan(0.45);
    expect(Math.min(...rises)).toBeGreaterThan((whole / 16) * 0.6);
    expect(Math.max(...rises)).toBeLessThan((whole / 16) * 1.6);
  });
});

describe('figure', () => {
  test('a tetrahedron has six edges, each once', () => {
    const edges = edgeIndices(new Uint32Array([0, 1, 2, 0, 3, 1, 0, 2, 3, 1, 3, 2]));
    const names = [];
    for (let i = 0; i < edges.length; i += 2) names.push(`${edges[i]}-${edges[i + 1]}`);
    const undirected = new Set(names.map((n) => n.split('-').sort().join('-')));
    expect(names).toHaveLength(6);
    expect(undirected.size).toBe(6);
  });

  test('bounds, and a camera that sees all of them', () => {
    const bounds = measureFigure(new Float32Array([-0.2, -0.9, 0, 0.2, 0.9, 0.1]));
    expect(bounds.floorY).toBeCloseTo(-0.9);
    expect(bounds.size.y).toBeCloseTo(1.8);
    for (const aspect of [0.5, 1, 1.8]) {
      const away = fitDistance(bounds.size, aspect);
      const halfHeight = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360) * (away - 0.2);
      expect(halfHeight).toBeGreaterThan(0.9);
      expect(halfHeight * aspect).toBeGreaterThan(0.2);
    }
    const back = placeOf('back', bounds, 1).position.sub(bounds.centre);
    expect(
      back
        .clone()
        .normalize()
        .dot(new Vector3(0, 0, -1)),
    ).toBeCloseTo(1);
  });

  test('the photo is looked at from where it was taken, near the front, as much of it as the figure needs', () => {
    // As the method's camera sees a person: 0.8 tall, the lens a little less than one unit in front.
    const bounds = measureFigure(new Float32Array([-0.2, -0.42, -0.1, 0.2, 0.4, 0.1]));
    const pinhole = photoPinhole();
    expect(pinhole.toArray()).toEqual([0, 0, expect.closeTo(1 / 1.0367394, 5)]);
    for (const aspect of [0.5, 1, 1.8]) {
      const { position, fovDeg } = placeOf('photo', bounds, aspect, pinhole);
      expect(position.toArray()).toEqual(pinhole.toArray());
      const away = position.distanceTo(bounds.centre) - 0.1;
      const half = Math.tan((fovDeg * Math.PI) / 360) * away;
      expect(half).toBeGreaterThan(0.41);
      expect(half * aspect).toBeGreaterThan(0.2);
      const swung = swungFrom({ position, fovDeg }, bounds);
      expect(swung.position.distanceTo(bounds.centre)).toBeCloseTo(position.distanceTo(bounds.centre), 6);
      expect(swung.position.x).toBeLessThan(position.x - 0.2);
    }
    // A lens beside the figure, and farther away, is where its photo was taken.
    const aside = photoPinhole({ focalPx: 4400, distance: 2, yawRad: 0.2, pitchRad: 0 });
    expect(aside.length()).toBeCloseTo(2 / 1.0367394, 5);
    expect(aside.x).toBeLessThan(-0.3);
    // Nobody knows where it was taken from: the front.
    expect(placeOf('photo', bounds, 1).position.x).toBeCloseTo(0);
  });

  test('edge lengths are means at each vertex', () => {
    const positions = new Float32Array([0, 0, 0, 3, 0, 0, 0, 4, 0, 9, 9, 9]);
    expect([...edgeLengths(positions, new Uint32Array([0, 1, 2]))]).toEqual([3, 5, 4, 0]);
  });

  test('a section keeps the half that it says, and its frame lies in it', () => {
    const bounds = measureFigure(new Float32Array([-1, -2, -3, 1, 2, 3]));
    const section = { axis: 'y', at: 0.75, flipped: false } as const;
    const plane = planeOf(section, bounds);
    expect(plane.distanceToPoint(new Vector3(0, 0, 0))).toBeCloseTo(1);
    expect(plane.distanceToPoint(new Vector3(0, 1.5, 0))).toBeCloseTo(-0.5);
    expect(planeOf({ ...section, flipped: true }, bounds).distanceToPoint(new Vector3())).toBeCloseTo(-1);
    const corners = frameCorners(section, bounds);
    for (const corner of corners) expect(plane.distanceToPoint(corner)).toBeCloseTo(0);
    expect(Math.max(...corners.map(({ z }) => z))).toBeGreaterThan(3);
    const hit = onPlane(new Vector3(0, 5, 0), new Vector3(0, -1, 0), plane);
    expect(hit?.toArray()).toEqual([0, expect.closeTo(1), 0]);
    expect(onPlane(new Vector3(0, 5, 0), new Vector3(0, 1, 0), plane)).toBeNull();
    expect(onPlane(new Vector3(0, 5, 0), new Vector3(1, 0, 0), plane)).toBeNull();
  });

  test('matcaps are lit balls: brighter toward the lamp, full to the corners', () => {
    for (const matcap of MATCAPS) {
      const data = ballPixels(matcap, 64);
      const at = (x: number, y: number) => data[(y * 64 + x) * 4 + 1];
      expect(at(20, 16), matcap).toBeGreaterThan(at(50, 56) + 20);
      expect(Math.min(...data.filter((_, i) => i % 4 === 3)), matcap).toBe(255);
      // Corners hold what the edge has.
      expect(Math.abs(at(0, 0) - at(10, 10)), matcap).toBeLessThan(24);
    }
  });

  test('an empty mesh has finite bounds', () => {
    expect(measureFigure(new Float32Array(0)).size.length()).toBeGreaterThan(0);
  });
});

describe('one look for all pictures of a canvas', () => {
  const corners = [
    [900, 400],
    [1300, 400],
    [1300, 950],
    [900, 950],
  ] as const;
  const report = { part: 'leftUpperArm', corners, scale: 1, confidence: 1, estimated: false } as PartReport;
  const crop = { width: 224, height: 352 };

  test('what a crop shows, the canvas shows, and the other way', () => {
    const place = onCanvasOf(report);
    const frame = fullFrame(crop);
    const seen = { centreX: 100, centreY: 200, zoom: 3 };
    const look = lookOfViewport(seen, frame, place);
    expect(look).toEqual({
      x: expect.closeTo(900 + (400 * 100) / 224, 6),
      y: expect.closeTo(400 + (550 * 200) / 352, 6),
      height: expect.closeTo(550 / 3, 6),
    });
    const back = viewportOfLook(look, frame, crop, place);
    expect(back).toEqual({
      centreX: expect.closeTo(100, 6),
      centreY: expect.closeTo(200, 6),
      zoom: expect.closeTo(3, 6),
    });
    expect(viewportOfLook(look, WHOLE, PICTURE, THE_CANVAS)?.zoom).toBeCloseTo(2048 / (550 / 3));
  });

  test('a look beside a crop shows all of the crop; no look shows all of everything', () => {
    const place = onCanvasOf(report);
    const frame = fullFrame(crop);
    expect(viewportOfLook({ x: 100, y: 100, height: 300 }, frame, crop, place)).toBeNull();
    expect(viewportOfLook(null, frame, crop, place)).toBeNull();
    expect(lookOfViewport(null, frame, place)).toBeNull();
  });
});

describe('parts of the mesh', () => {
  const report = (part: PartId, left: number, right: number): PartReport =>
    ({
      part,
      scale: (right - left) / 224,
      corners: [
        [left, 500],
        [right, 500],
        [right, 1500],
        [left, 1500],
      ],
    }) as unknown as PartReport;
  /** Vertices at columns of the canvas, halfway down. */
  const at = (columns: readonly number[]) =>
    Float32Array.from(columns.flatMap((column) => [...cloudFromCanvas(column, 1000, 1024, 2048)]));

  test('belong to who has most to say; without weights to the smallest box; else to nobody', () => {
    const reports = [report('leftUpperArm', 400, 1000), report('leftForearm', 900, 1300)];
    const mesh = { positions: at([500, 950, 1200, 1900]), normals: new Float32Array(12) };
    const plain = finish(vertexPartsSteps(mesh, reports, {}));
    const [upper, fore] = ['leftUpperArm', 'leftForearm'].map((part) => PART_IDS.indexOf(part as PartId));
    expect([...plain]).toEqual([upper, fore, fore, NO_PART]);
    const grey = (value: number) => ({
      width: 224,
      height: 352,
      data: new Uint8ClampedArray(224 * 352 * 4).fill(value),
    });
    const weighed = finish(
      vertexPartsSteps(mesh, reports, { leftUpperArm: grey(200), leftForearm: grey(55) }),
    );
    expect([...weighed]).toEqual([upper, upper, fore, NO_PART]);
    const colours = partColours(weighed, 'leftForearm');
    // The chosen part in full, its neighbour of the same network darker, nobody's dark grey.
    expect(colours[2 * 4]).toBeGreaterThan(colours[0] * 2.5);
    expect(colours[3 * 4]).toBe(colours[3 * 4 + 2]);
    expect(colours[3]).toBe(65535);
  });
});
