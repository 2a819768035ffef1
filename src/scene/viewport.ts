/**
 * Looking at a picture: which part of it fills a pane, and how it moves under wheel, drag, pinch and keys.
 * Sizes and points of the pane are CSS px, of the picture picture px (pixel j spans j..j+1), rows down.
 */

import type { Look } from '../store/view-state.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Picture point in the middle of the pane, and magnification on top of "the frame just fits". */
export interface Viewport {
  readonly centreX: number;
  readonly centreY: number;
  readonly zoom: number;
}

/** Rectangle of the picture that fits the pane at zoom 1. */
export interface Frame extends Size {
  readonly x: number;
  readonly y: number;
}

/** pane = picture * scale + offset */
export interface Placement {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** Closest look: 24 CSS px a picture pixel. */
export const MAX_SCALE = 24;
const MIN_ZOOM = 0.5;

export function fullFrame(size: Size): Frame {
  return { x: 0, y: 0, width: size.width, height: size.height };
}

export function homeViewport(frame: Frame): Viewport {
  return { centreX: frame.x + frame.width / 2, centreY: frame.y + frame.height / 2, zoom: 1 };
}

/** CSS px per picture px when the frame just fits. */
export function fitScale(frame: Frame, pane: Size): number {
  return Math.min(pane.width / frame.width, pane.height / frame.height);
}

export function placePicture(viewport: Viewport, frame: Frame, pane: Size): Placement {
  const scale = fitScale(frame, pane) * viewport.zoom;
  return {
    scale,
    offsetX: pane.width / 2 - viewport.centreX * scale,
    offsetY: pane.height / 2 - viewport.centreY * scale,
  };
}

export function pictureFromPane(place: Placement, x: number, y: number): { x: number; y: number } {
  return { x: (x - place.offsetX) / place.scale, y: (y - place.offsetY) / place.scale };
}

/** Zooms by `factor`, keeping the picture point under pane point (x, y) where it is. */
export function zoomAt(
  viewport: Viewport,
  frame: Frame,
  pane: Size,
  x: number,
  y: number,
  factor: number,
): Viewport {
  const fit = fitScale(frame, pane);
  const zoom = Math.min(Math.max(viewport.zoom * factor, MIN_ZOOM), Math.max(1, MAX_SCALE / fit));
  const before = pictureFromPane(placePicture(viewport, frame, pane), x, y);
  const scale = fit * zoom;
  return {
    zoom,
    centreX: before.x - (x - pane.width / 2) / scale,
    centreY: before.y - (y - pane.height / 2) / scale,
  };
}

/** Moves by pane px; the middle of the pane never leaves the picture. */
export function panBy(
  viewport: Viewport,
  frame: Frame,
  pane: Size,
  dx: number,
  dy: number,
  picture: Size,
): Viewport {
  const scale = fitScale(frame, pane) * viewport.zoom;
  return {
    zoom: viewport.zoom,
    centreX: Math.min(Math.max(viewport.centreX - dx / scale, 0), picture.width),
    centreY: Math.min(Math.max(viewport.centreY - dy / scale, 0), picture.height),
  };
}

/** Where a picture's own grid lies on the canvas. */
export interface OnCanvas {
  /** Canvas px of a picture's px. */
  readonly scale: number;
  canvasOf(x: number, y: number): readonly [x: number, y: number];
  pictureOf(x: number, y: number): readonly [x: number, y: number];
}

export const THE_CANVAS: OnCanvas = {
  scale: 1,
  canvasOf: (x, y) => [x, y],
  pictureOf: (x, y) => [x, y],
};

/** @returns null where the look is beside the picture, which then shows all of itself. */
export function viewportOfLook(
  look: Look | null,
  frame: Frame,
  picture: Size,
  { scale, pictureOf }: OnCanvas,
): Viewport | null {
  if (!look) return null;
  const [centreX, centreY] = pictureOf(look.x, look.y);
  if (centreX < 0 || centreY < 0 || centreX > picture.width || centreY > picture.height) return null;
  return { centreX, centreY, zoom: (frame.height * scale) / look.height };
}

export function lookOfViewport(
  viewport: Viewport | null,
  frame: Frame,
  { scale, canvasOf }: OnCanvas,
): Look | null {
  if (!viewport) return null;
  const [x, y] = canvasOf(viewport.centreX, viewport.centreY);
  return { x, y, height: (frame.height * scale) / viewport.zoom };
}

/** Two or three columns for `count` panes of one picture size: whichever shows the picture larger in this room. */
export function columnsFor(picture: Size, room: Size, count: number): 2 | 3 {
  const scale = (columns: number) =>
    Math.min(room.width / columns / picture.width, room.height / Math.ceil(count / columns) / picture.height);
  return scale(2) > scale(3) ? 2 : 3;
}

/** Share of a person's height that tools and legends at a phone's foot want below it. */
export const FOOT_ROOM = 0.16;

/**
 * Smallest rectangle around points (x, y, weight; weight 0 = absent), with a margin, inside the picture.
 * @param foot share of the points' height that is left free below them.
 */
export function frameAround(
  points: Iterable<readonly [number, number]>,
  picture: Size,
  margin: number,
  foot = 0,
): Frame {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (!(right > left && bottom > top)) return fullFrame(picture);
  const grow = Math.max(right - left, bottom - top) * margin;
  bottom += (bottom - top) * foot;
  left = Math.max(0, left - grow);
  top = Math.max(0, top - grow);
  right = Math.min(picture.width, right + grow);
  bottom = Math.min(picture.height, bottom + grow);
  return { x: left, y: top, width: right - left, height: bottom - top };
}
