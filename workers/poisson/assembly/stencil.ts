/**
 * The trilinear stiffness for cell size 1 on one brick: out(8^3) = A in(10^3).
 * A = K M M + M K M + M M K with M = (1 4 1)/6, K = (-1 2 -1) along x, y, z: three passes of short rows instead of 27
 * products a node. Pass x makes (M, K), pass y makes (MM, KM + MK), pass z ends. Sums run in a fixed order.
 */
const SIXTH: f32 = 1.0 / 6.0;

/** Bytes of work space behind `work`. */
export const STENCIL_BYTES: usize = (2 * 800 + 2 * 640) * 4;

export function stiffness(halo: usize, out: usize, work: usize): void {
  const m = work,
    k = m + 3200,
    mm = k + 3200,
    km = mm + 2560;
  const four = f32x4.splat(4),
    two = f32x4.splat(2),
    sixth = f32x4.splat(SIXTH);
  for (let row: usize = 0; row < 100; row++) {
    const e = halo + row * 40;
    const to = row << 5;
    let sides = f32x4.add(v128.load(e), v128.load(e, 8));
    let mid = v128.load(e, 4);
    v128.store(m + to, f32x4.mul(f32x4.add(sides, f32x4.mul(mid, four)), sixth));
    v128.store(k + to, f32x4.sub(f32x4.mul(mid, two), sides));
    sides = f32x4.add(v128.load(e, 16), v128.load(e, 24));
    mid = v128.load(e, 20);
    v128.store(m + to, f32x4.mul(f32x4.add(sides, f32x4.mul(mid, four)), sixth), 16);
    v128.store(k + to, f32x4.sub(f32x4.mul(mid, two), sides), 16);
  }
  for (let z: usize = 0; z < 10; z++)
    for (let i: usize = 0; i < 256; i += 16) {
      const e = m + z * 320 + i,
        f = k + z * 320 + i,
        to = z * 256 + i;
      const sides = f32x4.add(v128.load(e), v128.load(e, 64)),
        mid = v128.load(e, 32);
      const sidesK = f32x4.add(v128.load(f), v128.load(f, 64)),
        midK = v128.load(f, 32);
      v128.store(mm + to, f32x4.mul(f32x4.add(sides, f32x4.mul(mid, four)), sixth));
      v128.store(
        km + to,
        f32x4.add(
          f32x4.sub(f32x4.mul(mid, two), sides),
          f32x4.mul(f32x4.add(sidesK, f32x4.mul(midK, four)), sixth),
        ),
      );
    }
  for (let i: usize = 0; i < 2048; i += 16) {
    const e = mm + i,
      f = km + i;
    const sides = f32x4.add(v128.load(e), v128.load(e, 512)),
      mid = v128.load(e, 256);
    const sidesK = f32x4.add(v128.load(f), v128.load(f, 512)),
      midK = v128.load(f, 256);
    v128.store(
      out + i,
      f32x4.add(
        f32x4.sub(f32x4.mul(mid, two), sides),
        f32x4.mul(f32x4.add(sidesK, f32x4.mul(midK, four)), sixth),
      ),
    );
  }
}
