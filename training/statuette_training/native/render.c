/* Rasteriser and deferred shading for triangle meshes seen by one pinhole camera.
 *
 * One pass finds the nearest and the farthest surface of every pixel. Work is split into bands of rows, one thread
 * each. All buffers cover only a box of the canvas (x0, y0, w, h): nine tenths of a picture of a standing person
 * are empty. Camera space: camera at the origin looking along -z, y up. Screen: x right, y down, pixel centres at
 * half steps.
 */
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 32

typedef struct {
  const float *screen; /* n x 3: x, y, 1 / z */
  const float *cut;    /* n: the surface is discarded where the interpolated value is below 0; may be NULL */
  const int32_t *tri;
  int m, x0, y0, w, h;
  float *near_iz, *far_iz; /* h x w inverse depth; 0 where empty */
  int32_t *near_id, *far_id;
  float *near_b, *far_b; /* h x w x 2: perspective-correct weights of corners 1 and 2 */
  int row0, row1;
} Raster;

static void *raster_band(void *arg) {
  Raster *r = (Raster *)arg;
  const int w = r->w;
  for (long i = (long)r->row0 * w; i < (long)r->row1 * w; i++) {
    r->near_iz[i] = 0;
    r->far_iz[i] = 0;
    r->near_id[i] = r->far_id[i] = -1;
  }
  const float top = r->y0 + r->row0, bottom = r->y0 + r->row1 - 1, left = r->x0, right = r->x0 + w - 1;
  for (int k = 0; k < r->m; k++) {
    const int32_t *t = r->tri + 3 * (long)k;
    const float *a = r->screen + 3 * (long)t[0], *b = r->screen + 3 * (long)t[1], *c = r->screen + 3 * (long)t[2];
    float lo_y = fminf(a[1], fminf(b[1], c[1])), hi_y = fmaxf(a[1], fmaxf(b[1], c[1]));
    if (hi_y - .5f < top || lo_y - .5f > bottom) continue;
    float lo_x = fminf(a[0], fminf(b[0], c[0])), hi_x = fmaxf(a[0], fmaxf(b[0], c[0]));
    int px0 = (int)ceilf(fmaxf(left, lo_x - .5f)), px1 = (int)floorf(fminf(right, hi_x - .5f));
    int py0 = (int)ceilf(fmaxf(top, lo_y - .5f)), py1 = (int)floorf(fminf(bottom, hi_y - .5f));
    if (px0 > px1 || py0 > py1) continue;
    float ca = 1, cb = 1, cc = 1;
    int cuts = 0;
    if (r->cut) {
      ca = r->cut[t[0]]; cb = r->cut[t[1]]; cc = r->cut[t[2]];
      if (ca < 0 && cb < 0 && cc < 0) continue;
      cuts = ca < 0 || cb < 0 || cc < 0;
    }
    /* Edge functions in double relative to corner a: no cracks between triangles that share an edge. */
    double bx = (double)b[0] - a[0], by = (double)b[1] - a[1], cx = (double)c[0] - a[0], cy = (double)c[1] - a[1];
    double area = bx * cy - cx * by;
    if (fabs(area) < 1e-10) continue;
    double inv = 1 / area;
    double w1x = cy * inv, w1y = -cx * inv, w2x = -by * inv, w2y = bx * inv;
    float za = a[2], zb = b[2], zc = c[2];
    for (int y = py0; y <= py1; y++) {
      double qy = y + .5 - a[1], qx = px0 + .5 - a[0];
      double w1 = w1x * qx + w1y * qy, w2 = w2x * qx + w2y * qy;
      long o = (long)(y - r->y0) * w + (px0 - r->x0);
      for (int x = px0; x <= px1; x++, o++, w1 += w1x, w2 += w2x) {
        double w0 = 1 - w1 - w2;
        if (w0 < -1e-9 || w1 < -1e-9 || w2 < -1e-9) continue;
        float f0 = (float)w0, f1 = (float)w1, f2 = (float)w2;
        float iz = f0 * za + f1 * zb + f2 * zc;
        int is_near = iz > r->near_iz[o], is_far = r->far_id[o] < 0 || iz < r->far_iz[o];
        if (!is_near && !is_far) continue;
        float b1 = f1 * zb / iz, b2 = f2 * zc / iz;
        if (cuts && ca * (1 - b1 - b2) + cb * b1 + cc * b2 < 0) continue;
        if (is_near) { r->near_iz[o] = iz; r->near_id[o] = k; r->near_b[2 * o] = b1; r->near_b[2 * o + 1] = b2; }
        if (is_far) { r->far_iz[o] = iz; r->far_id[o] = k; r->far_b[2 * o] = b1; r->far_b[2 * o + 1] = b2; }
      }
    }
  }
  return NULL;
}

/* Runs fn over `rows` rows in `threads` bands; each thread gets its own copy of the argument with row0, row1 set. */
static void in_bands(void *(*fn)(void *), void *args, size_t size, size_t row_offset, int rows, int threads) {
  char copies[MAX_THREADS][512];
  pthread_t id[MAX_THREADS];
  if (threads < 1) threads = 1;
  if (threads > MAX_THREADS) threads = MAX_THREADS;
  if (threads > rows) threads = rows > 0 ? rows : 1;
  for (int i = 0; i < threads; i++) {
    memcpy(copies[i], args, size);
    int *band = (int *)(copies[i] + row_offset);
    band[0] = (int)((long)rows * i / threads);
    band[1] = (int)((long)rows * (i + 1) / threads);
    if (i == threads - 1) fn(copies[i]);
    else pthread_create(&id[i], NULL, fn, copies[i]);
  }
  for (int i = 0; i < threads - 1; i++) pthread_join(id[i], NULL);
}

void st_raster(const float *screen, const float *cut, const int32_t *tri, int m, const int32_t *box, int threads,
               float *near_iz, int32_t *near_id, float *near_b, float *far_iz, int32_t *far_id, float *far_b) {
  Raster r = {screen, cut, tri, m, box[0], box[1], box[2], box[3], near_iz, far_iz, near_id, far_id, near_b, far_b, 0, 0};
  in_bands(raster_band, &r, sizeof r, offsetof(Raster, row0), r.h, threads);
}

/* Orthographic shadow map: the largest z (nearest to the light) of every cell. verts: n x 3 in map cells. */
void st_shadow(const float *v, const float *cut, const int32_t *tri, int m, int size, float *map) {
  for (int i = 0; i < size * size; i++) map[i] = -1e30f;
  for (int k = 0; k < m; k++) {
    const int32_t *t = tri + 3 * (long)k;
    if (cut && (cut[t[0]] < 0 || cut[t[1]] < 0 || cut[t[2]] < 0)) continue;
    const float *a = v + 3 * (long)t[0], *b = v + 3 * (long)t[1], *c = v + 3 * (long)t[2];
    float lo_x = fminf(a[0], fminf(b[0], c[0])), hi_x = fmaxf(a[0], fmaxf(b[0], c[0]));
    float lo_y = fminf(a[1], fminf(b[1], c[1])), hi_y = fmaxf(a[1], fmaxf(b[1], c[1]));
    int x0 = (int)ceilf(fmaxf(0, lo_x - .5f)), x1 = (int)floorf(fminf(size - 1, hi_x - .5f));
    int y0 = (int)ceilf(fmaxf(0, lo_y - .5f)), y1 = (int)floorf(fminf(size - 1, hi_y - .5f));
    if (x0 > x1 || y0 > y1) continue;
    float d = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if (fabsf(d) < 1e-12f) continue;
    d = 1 / d;
    for (int y = y0; y <= y1; y++)
      for (int x = x0; x <= x1; x++) {
        float px = x + .5f - a[0], py = y + .5f - a[1];
        float w1 = (px * (c[1] - a[1]) - (c[0] - a[0]) * py) * d, w2 = ((b[0] - a[0]) * py - px * (b[1] - a[1])) * d;
        if (w1 < 0 || w2 < 0 || w1 + w2 > 1) continue;
        float z = a[2] + w1 * (b[2] - a[2]) + w2 * (c[2] - a[2]);
        if (z > map[y * size + x]) map[y * size + x] = z;
      }
  }
}

typedef struct {
  const int32_t *id;
  const float *bary;
  const int32_t *tri;
  const float *pos, *normal; /* n x 3, camera space */
  const float *uv;           /* m x 3 x 2 */
  const int32_t *material;   /* m */
  const uint8_t *const *texture; /* per material: sRGB rows from the top */
  const int32_t *size;           /* per material: width, height */
  const float *look;             /* per material: specular, gloss, tint r g b, rim, see LOOK in light.py */
  const float *ambient;          /* 9 x 3 spherical-harmonics coefficients */
  const float *light;            /* n_light x 7: direction, colour, wrap */
  const float *occlusion;        /* h x w, 1 = open; may be NULL */
  const float *map;              /* shadow map of light 0, or NULL */
  const float *to_map;           /* 3 x 4 camera space to map cells and depth */
  const float *linear;           /* 256: sRGB byte to linear */
  float *shaded, *plain;         /* h x w x 3 linear light; either may be NULL */
  int n_light, map_size, w;
  float bias;
  int row0, row1;
} Shade;

static inline void texel(const Shade *s, int material, float u, float v, float *out) {
  int tw = s->size[2 * material], th = s->size[2 * material + 1];
  const uint8_t *t = s->texture[material];
  u = (u - floorf(u)) * tw - .5f;
  v = (1 - (v - floorf(v))) * th - .5f;
  int x0 = (int)floorf(u), y0 = (int)floorf(v);
  float fx = u - x0, fy = v - y0;
  int x1 = x0 + 1 >= tw ? x0 + 1 - tw : x0 + 1, y1 = y0 + 1 >= th ? y0 + 1 - th : y0 + 1;
  if (x0 < 0) x0 += tw;
  if (y0 < 0) y0 += th;
  const uint8_t *a = t + 3 * ((long)y0 * tw + x0), *b = t + 3 * ((long)y0 * tw + x1);
  const uint8_t *c = t + 3 * ((long)y1 * tw + x0), *d = t + 3 * ((long)y1 * tw + x1);
  const float *L = s->linear, *tint = s->look + 6 * material + 2;
  for (int i = 0; i < 3; i++) {
    float p = L[a[i]] + fx * (L[b[i]] - L[a[i]]), q = L[c[i]] + fx * (L[d[i]] - L[c[i]]);
    out[i] = (p + fy * (q - p)) * tint[i];
  }
}

static void *shade_band(void *arg) {
  const Shade *s = (const Shade *)arg;
  for (long o = (long)s->row0 * s->w; o < (long)s->row1 * s->w; o++) {
    int k = s->id[o];
    if (k < 0) {
      for (int i = 0; i < 3; i++) {
        if (s->shaded) s->shaded[3 * o + i] = 0;
        if (s->plain) s->plain[3 * o + i] = 0;
      }
      continue;
    }
    float b1 = s->bary[2 * o], b2 = s->bary[2 * o + 1], b0 = 1 - b1 - b2, albedo[3];
    const float *u = s->uv + 6 * (long)k;
    int mat = s->material[k];
    texel(s, mat, b0 * u[0] + b1 * u[2] + b2 * u[4], b0 * u[1] + b1 * u[3] + b2 * u[5], albedo);
    if (s->plain) for (int i = 0; i < 3; i++) s->plain[3 * o + i] = albedo[i];
    if (!s->shaded) continue;
    const int32_t *t = s->tri + 3 * (long)k;
    const float *pa = s->pos + 3 * (long)t[0], *pb = s->pos + 3 * (long)t[1], *pc = s->pos + 3 * (long)t[2];
    const float *na = s->normal + 3 * (long)t[0], *nb = s->normal + 3 * (long)t[1], *nc = s->normal + 3 * (long)t[2];
    float n[3], p[3], view[3];
    for (int i = 0; i < 3; i++) {
      n[i] = b0 * na[i] + b1 * nb[i] + b2 * nc[i];
      p[i] = b0 * pa[i] + b1 * pb[i] + b2 * pc[i];
    }
    float l = 1 / (sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) + 1e-12f);
    for (int i = 0; i < 3; i++) n[i] *= l;
    l = -1 / sqrtf(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
    for (int i = 0; i < 3; i++) view[i] = p[i] * l;
    float facing = n[0] * view[0] + n[1] * view[1] + n[2] * view[2];
    if (facing < 0) { for (int i = 0; i < 3; i++) n[i] = -n[i]; facing = -facing; }
    const float *look = s->look + 6 * mat;
    const float Y[9] = {1, n[0], n[1], n[2], n[0] * n[1], n[1] * n[2], 3 * n[2] * n[2] - 1, n[0] * n[2],
                        n[0] * n[0] - n[1] * n[1]};
    float open = s->occlusion ? s->occlusion[o] : 1, e[3] = {0, 0, 0}, spec[3] = {0, 0, 0};
    for (int j = 0; j < 9; j++) for (int i = 0; i < 3; i++) e[i] += s->ambient[3 * j + i] * Y[j];
    float edge = (1 - facing) * (1 - facing);
    for (int i = 0; i < 3; i++) {
      e[i] = fmaxf(e[i], 0) * open;
      spec[i] = look[5] * edge * e[i]; /* fuzz of cloth and hair, the pale rim of skin */
    }
    for (int j = 0; j < s->n_light; j++) {
      const float *q = s->light + 7 * j;
      float c = (q[0] * n[0] + q[1] * n[1] + q[2] * n[2] + q[6]) / (1 + q[6]);
      if (c <= 0) continue;
      float lit = .5f + .5f * open;
      if (j == 0 && s->map) {
        const float *m = s->to_map;
        float lx = m[0] * p[0] + m[1] * p[1] + m[2] * p[2] + m[3], ly = m[4] * p[0] + m[5] * p[1] + m[6] * p[2] + m[7];
        float lz = m[8] * p[0] + m[9] * p[1] + m[10] * p[2] + m[11] + s->bias, clear = 0;
        for (int a = 0; a < 9; a++) {
          int ix = (int)(lx + (a % 3 - 1) * 1.6f), iy = (int)(ly + (a / 3 - 1) * 1.6f);
          clear += ix < 0 || iy < 0 || ix >= s->map_size || iy >= s->map_size || s->map[iy * s->map_size + ix] <= lz;
        }
        lit *= clear / 9;
      }
      float hx = q[0] + view[0], hy = q[1] + view[1], hz = q[2] + view[2];
      float hn = (hx * n[0] + hy * n[1] + hz * n[2]) / (sqrtf(hx * hx + hy * hy + hz * hz) + 1e-9f);
      float shine = hn > 0 ? look[0] * expf(look[1] * (hn - 1)) : 0; /* exp lobe, close to Blinn's power */
      for (int i = 0; i < 3; i++) { e[i] += q[3 + i] * c * lit; spec[i] += q[3 + i] * shine * lit; }
    }
    for (int i = 0; i < 3; i++) s->shaded[3 * o + i] = albedo[i] * e[i] + spec[i];
  }
  return NULL;
}

void st_shade(const int32_t *id, const float *bary, int w, int h, const int32_t *tri, const float *pos,
              const float *normal, const float *uv, const int32_t *material, const uint8_t *const *texture,
              const int32_t *size, const float *look, const float *ambient, int n_light, const float *light,
              const float *occlusion, const float *map, int map_size, const float *to_map, float bias,
              const float *linear, int threads, float *shaded, float *plain) {
  Shade s = {id, bary, tri, pos, normal, uv, material, texture, size, look, ambient, light, occlusion,
             map, to_map, linear, shaded, plain, n_light, map_size, w, bias, 0, 0};
  in_bands(shade_band, &s, sizeof s, offsetof(Shade, row0), h, threads);
}

/* Inverse depth to D units (distance along the ray, (r - 1) f + 1024), 0 where empty. */
void st_depth(const float *iz, const int32_t *box, int resolution, float focal, float *depth) {
  float half = resolution * .5f;
  for (int y = 0; y < box[3]; y++) {
    float gy = (box[1] + y + .5f - half) / focal;
    for (int x = 0; x < box[2]; x++) {
      long o = (long)y * box[2] + x;
      float gx = (box[0] + x + .5f - half) / focal;
      depth[o] = iz[o] > 0 ? (sqrtf(1 + gx * gx + gy * gy) / iz[o] - 1) * focal + half : 0;
    }
  }
}

/* Consistency normals of a depth map (network units = D / 512), coded to bytes; the map is h rows of w. */
void st_coded_normals(const float *depth, int w, int h, uint8_t *out) {
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      long o = (long)y * w + x;
      uint8_t *q = out + 3 * o;
      float d = depth[o];
      if (d < .2f * 512) { q[0] = q[1] = q[2] = 0; continue; }
      float gh = x + 1 < w ? (d - depth[o + 1]) / 512 : 0, gv = y > 0 ? (depth[o - w] - d) / 512 : 0, gz = 1.f / 255;
      float l = 127.5f / sqrtf(gh * gh + gv * gv + gz * gz);
      q[0] = (uint8_t)(gh * l + 128.f); q[1] = (uint8_t)(gv * l + 128.f); q[2] = (uint8_t)(gz * l + 128.f);
    }
}
