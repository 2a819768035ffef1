/*
 * The solver's hot kernels once more in C, line by line after workers/poisson/assembly (splat.ts, samples.ts, halo.ts,
 * stencil.ts, gradient.ts, extract.ts, signs.ts), to see what another compiler makes of them: bench/surface/kernels/run.mjs.
 * Both modules work on one memory; pointers and numbers come in as arguments.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))
typedef uint8_t *Bytes;

INLINE float f(const uint8_t *at) { return *(const float *)at; }
INLINE uint32_t u(const uint8_t *at) { return *(const uint32_t *)at; }
INLINE float least(float a, float b) { return a < b ? a : b; }
INLINE float most(float a, float b) { return a > b ? a : b; }

static const int32_t *table;
static const uint32_t *bricks;
static uint32_t side;
static int32_t brickCount;
static float iso, scale, originX, originY, originZ;
static int32_t cells, depth;
static const uint8_t *cubeTable;

EXPORT(configure)
void configure(const int32_t *t, const uint32_t *b, uint32_t s, int32_t count, int32_t d, float i, float sc, float x, float y, float z, const uint8_t *cubes) {
  table = t; bricks = b; side = s; brickCount = count; depth = d; cells = 1 << d; iso = i; scale = sc; originX = x; originY = y; originZ = z; cubeTable = cubes;
}

INLINE int32_t brickAt(int32_t x, int32_t y, int32_t z) {
  if ((uint32_t)x >= side || (uint32_t)y >= side || (uint32_t)z >= side) return -1;
  return table[(z * side + y) * side + x] - 1;
}

INLINE float laneSum(v128_t v) {
  v128_t pairs = wasm_f32x4_add(v, wasm_i64x2_shuffle(v, v, 1, 0));
  return wasm_f32x4_extract_lane(pairs, 0) + wasm_f32x4_extract_lane(pairs, 1);
}

/* splat.ts and samples.ts */
static float centreX, centreY, centreZ, pieceX, pieceY, pieceZ, pieceArea, normalX, normalY, normalZ;
static float stepAX, stepAY, stepAZ, stepBX, stepBY, stepBZ;
static int32_t piecesA, piecesB;

INLINE void loadSample(const float *positions, const float *normals, const float *areas, int32_t i) {
  const float px = positions[i * 3], py = positions[i * 3 + 1], pz = positions[i * 3 + 2];
  const float nx = normals[i * 3], ny = normals[i * 3 + 1], nz = normals[i * 3 + 2];
  const float last = (float)cells - 4.001f;
  centreX = least(most((px - originX) * scale, 4), last);
  centreY = least(most((py - originY) * scale, 4), last);
  centreZ = least(most((pz - originZ) * scale, 4), last);
  normalX = nx; normalY = ny; normalZ = nz;
  const float area = areas[i] * scale * scale;
  const float vx = __builtin_fabsf(nx) < 0.6f ? 1 : 0, vy = 1 - vx, vz = 0;
  const float lengthB = __builtin_sqrtf(area), lengthA = area / lengthB;
  const float wantA = least(most(__builtin_ceilf(lengthA), 1), 8), wantB = least(most(__builtin_ceilf(lengthB), 1), 8);
  piecesA = (int32_t)wantA;
  piecesB = (int32_t)wantB;
  pieceArea = area / (wantA * wantB);
  if (piecesA > 1 || piecesB > 1) {
    const float along = vx * nx + vy * ny + vz * nz;
    float ax = vx - along * nx, ay = vy - along * ny, az = vz - along * nz;
    const float inverse = 1 / most(__builtin_sqrtf(ax * ax + ay * ay + az * az), 1e-6f);
    ax *= inverse; ay *= inverse; az *= inverse;
    const float a = lengthA / wantA, b = lengthB / wantB;
    stepAX = ax * a; stepAY = ay * a; stepAZ = az * a;
    stepBX = (ny * az - nz * ay) * b; stepBY = (nz * ax - nx * az) * b; stepBZ = (nx * ay - ny * ax) * b;
  }
}

INLINE void loadPiece(int32_t a, int32_t b) {
  if (piecesA == 1 && piecesB == 1) {
    pieceX = centreX; pieceY = centreY; pieceZ = centreZ;
    return;
  }
  const float s = (float)a + 0.5f - 0.5f * (float)piecesA, t = (float)b + 0.5f - 0.5f * (float)piecesB;
  const float last = (float)cells - 4.001f;
  pieceX = least(most(centreX + s * stepAX + t * stepBX, 4), last);
  pieceY = least(most(centreY + s * stepAY + t * stepBY, 4), last);
  pieceZ = least(most(centreZ + s * stepAZ + t * stepBZ, 4), last);
}

INLINE Bytes cellAddress(Bytes field, int32_t x, int32_t y, int32_t z) {
  const uint32_t brick = brickAt(x >> 3, y >> 3, z >> 3);
  return field + ((brick * 512 + (((z & 7) << 6) | ((y & 7) << 3) | (x & 7))) << 4);
}
INLINE void add(Bytes at, v128_t v) { wasm_v128_store(at, wasm_f32x4_add(wasm_v128_load(at), v)); }
INLINE void addRow(Bytes at, float weight, v128_t a, v128_t b, v128_t c) {
  const v128_t w = wasm_f32x4_splat(weight);
  add(at, wasm_f32x4_mul(a, w));
  add(at + 16, wasm_f32x4_mul(b, w));
  add(at + 32, wasm_f32x4_mul(c, w));
}

static void splatPiece(Bytes field, v128_t v) {
  const int32_t x = (int32_t)pieceX, y = (int32_t)pieceY, z = (int32_t)pieceZ;
  const float fx = pieceX - (float)x, fy = pieceY - (float)y, fz = pieceZ - (float)z;
  const float x0 = 0.5f * (1 - fx) * (1 - fx), x2 = 0.5f * fx * fx, x1 = 1 - x0 - x2;
  const float y0 = 0.5f * (1 - fy) * (1 - fy), y2 = 0.5f * fy * fy, y1 = 1 - y0 - y2;
  const float z0 = 0.5f * (1 - fz) * (1 - fz), z2 = 0.5f * fz * fz, z1 = 1 - z0 - z2;
  const v128_t vx0 = wasm_f32x4_mul(v, wasm_f32x4_splat(x0)), vx1 = wasm_f32x4_mul(v, wasm_f32x4_splat(x1)),
               vx2 = wasm_f32x4_mul(v, wasm_f32x4_splat(x2));
  const int32_t inside = ((x & 7) - 1) | (6 - (x & 7)) | ((y & 7) - 1) | (6 - (y & 7)) | ((z & 7) - 1) | (6 - (z & 7));
  if (inside >= 0) {
    const Bytes at = cellAddress(field, x - 1, y - 1, z - 1);
    for (int dz = 0; dz < 3; dz++) {
      const float wz = dz == 0 ? z0 : dz == 1 ? z1 : z2;
      const Bytes plane = at + (dz << 10);
      addRow(plane, wz * y0, vx0, vx1, vx2);
      addRow(plane + 128, wz * y1, vx0, vx1, vx2);
      addRow(plane + 256, wz * y2, vx0, vx1, vx2);
    }
    return;
  }
  for (int dz = 0; dz < 3; dz++) {
    const float wz = dz == 0 ? z0 : dz == 1 ? z1 : z2;
    for (int dy = 0; dy < 3; dy++) {
      const v128_t w = wasm_f32x4_splat(wz * (dy == 0 ? y0 : dy == 1 ? y1 : y2));
      add(cellAddress(field, x - 1, y + dy - 1, z + dz - 1), wasm_f32x4_mul(vx0, w));
      add(cellAddress(field, x, y + dy - 1, z + dz - 1), wasm_f32x4_mul(vx1, w));
      add(cellAddress(field, x + 1, y + dy - 1, z + dz - 1), wasm_f32x4_mul(vx2, w));
    }
  }
}

EXPORT(splat)
void splat(const float *positions, const float *normals, const float *areas, const int32_t *order, int32_t count, Bytes field) {
  for (int32_t k = 0; k < count; k++) {
    loadSample(positions, normals, areas, order[k]);
    const v128_t v = wasm_f32x4_mul(wasm_f32x4_make(normalX, normalY, normalZ, 1), wasm_f32x4_splat(pieceArea));
    for (int32_t a = 0; a < piecesA; a++)
      for (int32_t b = 0; b < piecesB; b++) {
        loadPiece(a, b);
        splatPiece(field, v);
      }
  }
}

/* halo.ts */
static void gatherHalo(const uint8_t *field, int32_t brick, Bytes out) {
  const uint32_t packed = bricks[brick];
  const int32_t bx = packed & 1023, by = (packed >> 10) & 1023, bz = packed >> 20;
  const v128_t zero = wasm_f32x4_splat(0);
  for (int dz = -1; dz <= 1; dz++) {
    const int z0 = dz < 0 ? 0 : dz > 0 ? 9 : 1, z1 = dz < 0 ? 1 : dz > 0 ? 10 : 9;
    for (int dy = -1; dy <= 1; dy++) {
      const int y0 = dy < 0 ? 0 : dy > 0 ? 9 : 1, y1 = dy < 0 ? 1 : dy > 0 ? 10 : 9;
      const int32_t before = brickAt(bx - 1, by + dy, bz + dz), here = brickAt(bx, by + dy, bz + dz),
                    after = brickAt(bx + 1, by + dy, bz + dz);
      const uint8_t *fromBefore = field + (uint32_t)before * 2048 + 28, *fromHere = field + (uint32_t)here * 2048,
                    *fromAfter = field + (uint32_t)after * 2048;
      for (int z = z0; z < z1; z++)
        for (int y = y0; y < y1; y++) {
          const Bytes to = out + (z * 100 + y * 10) * 4;
          const uint32_t row = ((((z + 7) & 7) << 6) | (((y + 7) & 7) << 3)) << 2;
          *(float *)to = before >= 0 ? f(fromBefore + row) : 0;
          wasm_v128_store(to + 4, here >= 0 ? wasm_v128_load(fromHere + row) : zero);
          wasm_v128_store(to + 20, here >= 0 ? wasm_v128_load(fromHere + row + 16) : zero);
          *(float *)(to + 36) = after >= 0 ? f(fromAfter + row) : 0;
        }
    }
  }
}

/* stencil.ts */
static void stiffness(const uint8_t *halo, Bytes out, Bytes work) {
  const Bytes m = work, k = m + 3200, mm = k + 3200, km = mm + 2560;
  const v128_t four = wasm_f32x4_splat(4), two = wasm_f32x4_splat(2), sixth = wasm_f32x4_splat(1.0f / 6.0f);
#define SMOOTH(sides, mid) wasm_f32x4_mul(wasm_f32x4_add(sides, wasm_f32x4_mul(mid, four)), sixth)
#define CURVE(sides, mid) wasm_f32x4_sub(wasm_f32x4_mul(mid, two), sides)
  for (int row = 0; row < 100; row++) {
    const uint8_t *e = halo + row * 40;
    for (int half = 0; half < 32; half += 16) {
      const v128_t sides = wasm_f32x4_add(wasm_v128_load(e + half), wasm_v128_load(e + half + 8)), mid = wasm_v128_load(e + half + 4);
      wasm_v128_store(m + row * 32 + half, SMOOTH(sides, mid));
      wasm_v128_store(k + row * 32 + half, CURVE(sides, mid));
    }
  }
  for (int z = 0; z < 10; z++)
    for (int i = 0; i < 256; i += 16) {
      const uint8_t *e = m + z * 320 + i, *g = k + z * 320 + i;
      const v128_t sides = wasm_f32x4_add(wasm_v128_load(e), wasm_v128_load(e + 64)), mid = wasm_v128_load(e + 32);
      const v128_t sidesK = wasm_f32x4_add(wasm_v128_load(g), wasm_v128_load(g + 64)), midK = wasm_v128_load(g + 32);
      wasm_v128_store(mm + z * 256 + i, SMOOTH(sides, mid));
      wasm_v128_store(km + z * 256 + i, wasm_f32x4_add(CURVE(sides, mid), SMOOTH(sidesK, midK)));
    }
  for (int i = 0; i < 2048; i += 16) {
    const uint8_t *e = mm + i, *g = km + i;
    const v128_t sides = wasm_f32x4_add(wasm_v128_load(e), wasm_v128_load(e + 512)), mid = wasm_v128_load(e + 256);
    const v128_t sidesK = wasm_f32x4_add(wasm_v128_load(g), wasm_v128_load(g + 512)), midK = wasm_v128_load(g + 256);
    wasm_v128_store(out + i, wasm_f32x4_add(CURVE(sides, mid), SMOOTH(sidesK, midK)));
  }
}

/* gradient.ts, without the screening */
EXPORT(apply)
void apply(const uint8_t *p, Bytes q, float *partials, Bytes scratch) {
  for (int32_t b = 0; b < brickCount; b++) {
    gatherHalo(p, b, scratch);
    const Bytes out = q + (uint32_t)b * 2048;
    stiffness(scratch, out, scratch + 4096);
    v128_t sum = wasm_f32x4_splat(0);
    for (int i = 0; i < 2048; i += 16) sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(p + (uint32_t)b * 2048 + i), wasm_v128_load(out + i)));
    partials[b] = laneSum(sum);
  }
}

EXPORT(advance)
void advance(Bytes x, Bytes r, const uint8_t *p, const uint8_t *q, const uint8_t *d, float factor, float *partials) {
  const v128_t a = wasm_f32x4_splat(factor);
  for (int32_t b = 0; b < brickCount; b++) {
    v128_t sum = wasm_f32x4_splat(0);
    for (uint32_t i = (uint32_t)b * 2048, end = i + 2048; i < end; i += 16) {
      wasm_v128_store(x + i, wasm_f32x4_add(wasm_v128_load(x + i), wasm_f32x4_mul(a, wasm_v128_load(p + i))));
      const v128_t v = wasm_f32x4_sub(wasm_v128_load(r + i), wasm_f32x4_mul(a, wasm_v128_load(q + i)));
      wasm_v128_store(r + i, v);
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_mul(v, v), wasm_v128_load(d + i)));
    }
    partials[b] = laneSum(sum);
  }
}

EXPORT(turn)
void turn(Bytes p, const uint8_t *r, const uint8_t *d, float factor) {
  const v128_t b = wasm_f32x4_splat(factor);
  for (uint32_t i = 0, end = (uint32_t)brickCount * 2048; i < end; i += 16)
    wasm_v128_store(p + i, wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(r + i), wasm_v128_load(d + i)), wasm_f32x4_mul(b, wasm_v128_load(p + i))));
}

/* extract.ts and signs.ts: counting and the vertices */
static void gatherWide(const uint8_t *field, int32_t brick, Bytes out) {
  const uint32_t packed = bricks[brick];
  const int32_t bx = packed & 1023, by = (packed >> 10) & 1023, bz = packed >> 20;
  const v128_t none = wasm_i32x4_splat(0x7fc00000);
  for (int dz = -1; dz <= 1; dz++) {
    const int z0 = dz < 0 ? 0 : dz > 0 ? 9 : 1, z1 = dz < 0 ? 1 : dz > 0 ? 11 : 9;
    for (int dy = -1; dy <= 1; dy++) {
      const int y0 = dy < 0 ? 0 : dy > 0 ? 9 : 1, y1 = dy < 0 ? 1 : dy > 0 ? 11 : 9;
      const int32_t before = brickAt(bx - 1, by + dy, bz + dz), here = brickAt(bx, by + dy, bz + dz),
                    after = brickAt(bx + 1, by + dy, bz + dz);
      const uint8_t *fromBefore = field + (uint32_t)before * 2048 + 28, *fromHere = field + (uint32_t)here * 2048,
                    *fromAfter = field + (uint32_t)after * 2048;
      for (int z = z0; z < z1; z++)
        for (int y = y0; y < y1; y++) {
          const Bytes to = out + (((z * 11 + y) * 11) << 2);
          const uint32_t row = ((((z + 7) & 7) << 6) | (((y + 7) & 7) << 3)) << 2;
          *(uint32_t *)to = before >= 0 ? u(fromBefore + row) : 0x7fc00000;
          wasm_v128_store(to + 4, here >= 0 ? wasm_v128_load(fromHere + row) : none);
          wasm_v128_store(to + 20, here >= 0 ? wasm_v128_load(fromHere + row + 16) : none);
          *(uint64_t *)(to + 36) = after >= 0 ? *(const uint64_t *)(fromAfter + row) : 0x7fc000007fc00000ull;
        }
    }
  }
}

static void readSigns(const uint8_t *wide, uint32_t *signs) {
  const v128_t level = wasm_f32x4_splat(iso);
  for (int row = 0; row < 121; row++) {
    const uint8_t *at = wide + row * 44;
    const v128_t a = wasm_v128_load(at), b = wasm_v128_load(at + 16), c = wasm_v128_load(at + 28);
    const uint32_t inside = wasm_i32x4_bitmask(wasm_f32x4_lt(a, level)) | (wasm_i32x4_bitmask(wasm_f32x4_lt(b, level)) << 4) |
                            ((wasm_i32x4_bitmask(wasm_f32x4_lt(c, level)) >> 1) << 8);
    const uint32_t exists = wasm_i32x4_bitmask(wasm_f32x4_eq(a, a)) | (wasm_i32x4_bitmask(wasm_f32x4_eq(b, b)) << 4) |
                            ((wasm_i32x4_bitmask(wasm_f32x4_eq(c, c)) >> 1) << 8);
    signs[row] = inside | (exists << 16);
  }
}

INLINE uint32_t signRow(const uint32_t *signs, int y, int z) { return signs[(z + 1) * 11 + y + 1] >> 1; }

EXPORT(count)
void count(const uint8_t *field, Bytes records, Bytes scratch) {
  uint32_t *signs = (uint32_t *)(scratch + 5376);
  for (int32_t b = 0; b < brickCount; b++) {
    gatherWide(field, b, scratch);
    readSigns(scratch, signs);
    const Bytes record = records + (uint32_t)b * 400;
    __builtin_memset(record, 0, 192);
    uint32_t triangles = 0;
    for (int z = 0; z < 8; z++)
      for (int y = 0; y < 8; y++) {
        const uint32_t a = signRow(signs, y, z), by = signRow(signs, y + 1, z), bz = signRow(signs, y, z + 1), d = signRow(signs, y + 1, z + 1);
        uint32_t *word = (uint32_t *)(record + (((z << 1) + (y >> 2)) << 2));
        const uint32_t shift = (y & 3) << 3;
        word[0] |= ((a ^ (a >> 1)) & (a >> 16) & (a >> 17) & 255) << shift;
        word[16] |= ((a ^ by) & ((a & by) >> 16) & 255) << shift;
        word[32] |= ((a ^ bz) & ((a & bz) >> 16) & 255) << shift;
        const uint32_t any = a | by | bz | d, all = a & by & bz & d;
        uint32_t mixed = (any | (any >> 1)) & ~(all & (all >> 1)) & (all >> 16) & (all >> 17) & 255;
        while (mixed != 0) {
          const uint32_t x = __builtin_ctz(mixed);
          triangles += cubeTable[((a >> x) & 3) | (((by >> x) & 3) << 2) | (((bz >> x) & 3) << 4) | (((d >> x) & 3) << 6)];
          mixed &= mixed - 1;
        }
      }
    uint32_t vertices = 0;
    for (int w = 0; w < 192; w += 4) {
      *(uint32_t *)(record + w + 192) = vertices;
      vertices += __builtin_popcount(u(record + w));
    }
    *(uint32_t *)(record + 384) = vertices;
    *(uint32_t *)(record + 388) = triangles;
    *(uint32_t *)(record + 392) = triangles | vertices;
  }
}

INLINE float nodeSlope(const uint8_t *at, int stride) {
  const float before = f(at - stride), after = f(at + stride), central = after - before;
  if (central == central) return central;
  const float here = f(at);
  return before == before ? 2 * (here - before) : after == after ? 2 * (after - here) : 0;
}
INLINE float slope(const uint8_t *at, int step, int stride, float t) {
  const float a = nodeSlope(at, stride);
  return a + t * (nodeSlope(at + step, stride) - a);
}
INLINE float crossing(const uint8_t *at, int step) {
  const float a = f(at) - iso, b = f(at + step) - iso;
  const float slopeA = 0.5f * (b + iso - f(at - step)), slopeB = 0.5f * (f(at + 2 * step) - iso - a);
  const float rise = b - a;
  const float square = rise + rise + rise - slopeA - slopeA - slopeB, cube = slopeA + slopeB - rise - rise;
  float t = a / (a - b);
  for (int k = 0; k < 3; k++) {
    const float value = a + t * (slopeA + t * (square + t * cube));
    const float incline = slopeA + t * (square + square + t * (cube + cube + cube));
    const float next = t - value / incline;
    if (next > 0 && next < 1) t = next;
  }
  return least(most(t, 1e-3f), 0.999f);
}

EXPORT(vertices)
void vertices(const uint8_t *field, const uint8_t *records, float *positions, float *normals, Bytes wide) {
  const float inverse = 1 / scale;
  for (int32_t b = 0; b < brickCount; b++) {
    const uint8_t *record = records + (uint32_t)b * 400;
    if (u(record + 392) == 0) continue;
    gatherWide(field, b, wide);
    const uint32_t packed = bricks[b];
    const float x0 = (float)((packed & 1023) << 3), y0 = (float)(((packed >> 10) & 1023) << 3), z0 = (float)((packed >> 20) << 3);
    uint32_t to = u(record + 384) * 3;
    for (int axis = 0; axis < 3; axis++) {
      const int step = axis == 0 ? 4 : axis == 1 ? 44 : 484;
      for (int w = 0; w < 16; w++) {
        uint32_t bits = u(record + (axis << 6) + (w << 2));
        while (bits != 0) {
          const uint32_t slot = (w << 5) + __builtin_ctz(bits);
          bits &= bits - 1;
          const uint32_t x = slot & 7, y = (slot >> 3) & 7, z = slot >> 6;
          const uint8_t *at = wide + (((z + 1) * 11 + y + 1) * 11 + x + 1) * 4;
          const float t = crossing(at, step);
          positions[to] = (x0 + (float)x + (axis == 0 ? t : 0)) * inverse + originX;
          positions[to + 1] = (y0 + (float)y + (axis == 1 ? t : 0)) * inverse + originY;
          positions[to + 2] = (z0 + (float)z + (axis == 2 ? t : 0)) * inverse + originZ;
          const float gx = slope(at, step, 4, t), gy = slope(at, step, 44, t), gz = slope(at, step, 484, t);
          const float length = 1 / most(__builtin_sqrtf(gx * gx + gy * gy + gz * gz), 1e-20f);
          normals[to] = gx * length;
          normals[to + 1] = gy * length;
          normals[to + 2] = gz * length;
          to += 3;
        }
      }
    }
  }
}
