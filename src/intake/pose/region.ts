/**
 * Rotated squares of a picture: what each landmark graph looks at. Coordinates are pixels, x right, y down, pixel centres
 * at half steps.
 */
export interface Region {
  readonly centreX: number;
  readonly centreY: number;
  /** Side of the square, px. */
  readonly side: number;
  /** How far the square is turned, clockwise on the screen; 0 = upright. */
  readonly angleRad: number;
}

export type Point = readonly [x: number, y: number];

/** Where a point of the square, u and v in [0, 1] of it, lies in the picture. */
export function pictureFromRegion({ centreX, centreY, side, angleRad }: Region, u: number, v: number): Point {
  const [x, y] = [(u - 0.5) * side, (v - 0.5) * side];
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  return [centreX + cos * x - sin * y, centreY + sin * x + cos * y];
}

/** The reverse of pictureFromRegion. */
export function regionFromPicture({ centreX, centreY, side, angleRad }: Region, [x, y]: Point): Point {
  const [dx, dy] = [(x - centreX) / side, (y - centreY) / side];
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  return [0.5 + cos * dx + sin * dy, 0.5 - sin * dx + cos * dy];
}

/** The square around `centre` in which `top` lies straight above it; `top` is `reach` of the half side away. */
export function regionTowards(centre: Point, top: Point, reach: number): Region {
  const [dx, dy] = [top[0] - centre[0], top[1] - centre[1]];
  return {
    centreX: centre[0],
    centreY: centre[1],
    side: (2 * Math.hypot(dx, dy)) / reach,
    angleRad: Math.atan2(dx, -dy),
  };
}

/** How far two squares are from being the same, in sides of the first. */
export function movedShare(a: Region, b: Region): number {
  return (Math.hypot(a.centreX - b.centreX, a.centreY - b.centreY) + Math.abs(a.side - b.side)) / a.side;
}

/** Moved along its own axes by shares of its side, then scaled about its centre. */
export function adjusted(region: Region, shiftX: number, shiftY: number, scale: number): Region {
  const [centreX, centreY] = pictureFromRegion(region, 0.5 + shiftX, 0.5 + shiftY);
  return { ...region, centreX, centreY, side: region.side * scale };
}
