/* Drapes one garment over an animated body and, optionally, over what is worn beneath it.
 *
 * Extended position based dynamics (Macklin and others, 2016) with one sweep per small substep (2019). The garment is a
 * grid of quads cut at its hems: springs along its threads (stretch) and across its cells (shear), springs over several
 * cells that only resist stretch, three-point bending along its threads. Contacts are planes at the nearest surface
 * point, found once a frame and carried through the substeps with the surface's motion; friction is Coulomb's against
 * the moving surface. The cloth is carried along by the skeleton, so its velocity is relative to the person and a change
 * of pose of any speed throws nothing about. Metres, kilograms, seconds. One thread.
 *
 * Springs are solved four at a time: groups of four that share no point, so that their square roots and stores do not
 * wait for each other. Groups keep the order from the top down within a few hundred springs, which is what lets a pull
 * travel through the cloth in one sweep.
 */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef float v4 __attribute__((vector_size(16)));
static inline float dot(v4 a, v4 b) { v4 c = a * b; return c[0] + c[1] + c[2]; }
static inline v4 cross(v4 a, v4 b) {
  return (v4){a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0], 0};
}
static inline v4 load(const float *p) { return (v4){p[0], p[1], p[2], 0}; }

/* A moving triangle surface: key positions, one set a frame; the last one holds. */
typedef struct {
  int n, m, keys;
  const float *key;     /* keys x n x 3 */
  const int32_t *tri;   /* m x 3 */
  const uint8_t *group; /* n: bits of the body parts; 255 = never touched */
} Surface;

typedef struct {
  int n;
  float *x;              /* n x 3 in and out */
  const float *mass;     /* n */
  const float *rest;     /* n x 3 designed positions: which points are neighbours on the cloth */
  const uint8_t *home;   /* n: bits of the body parts this point belongs over */
  int n_spring;
  const int32_t *spring; /* x 2, from the top down */
  const float *length, *give; /* rest length; compliance m/N */
  int n_far;
  const int32_t *far;
  const float *far_length;
  int n_bend;
  const int32_t *bend;   /* x 3: a, middle, c */
  const float *share, *soft; /* weight of a (c has the rest); compliance */
  const float *curve;    /* how far the middle lies off the chord at rest, m; may be NULL: flat */
  int n_pin, pin_keys;
  const int32_t *pin;
  const float *pin_key;  /* keys x n_pin x 3 */
  const float *pin_hold; /* n_pin, 0..1 per substep */
  const int32_t *start, *bone; /* skin weights, CSR */
  const float *weight;
  int bones, moves;
  const float *move;     /* moves x bones x 12: matrix of key k + 1 after the inverse of key k */
} Garment;

typedef struct {
  int frames, substeps, self, search_every; /* frames between full searches for the nearest surface point */
  float frame_time, gravity, damping, calm; /* damping 1/s while moving, and in the last third */
  float thickness, friction, inner_gap, inner_friction, self_gap, compress, top_speed, viscous;
} Options;

/* --- nearest surface point ---------------------------------------------------------------------------------------- */
typedef struct {
  float cell, lo[3];
  int nx, ny, nz, cap;
  int *start, *item;
  int *vstart, *vtri; /* triangles of a vertex */
} Hash;

static void hash_fill(Hash *g, const float *x, const Surface *s, float cell) {
  float lo[3] = {1e9f, 1e9f, 1e9f}, hi[3] = {-1e9f, -1e9f, -1e9f};
  for (int i = 0; i < s->n; i++) {
    if (s->group[i] == 255) continue;
    for (int k = 0; k < 3; k++) {
      float q = x[3 * i + k];
      if (q < lo[k]) lo[k] = q;
      if (q > hi[k]) hi[k] = q;
    }
  }
  g->cell = cell;
  int d[3];
  for (int k = 0; k < 3; k++) {
    g->lo[k] = lo[k] - cell;
    d[k] = (int)((hi[k] - lo[k]) / cell) + 3;
    if (d[k] < 3) d[k] = 3;
    if (d[k] > 400) d[k] = 400;
  }
  g->nx = d[0]; g->ny = d[1]; g->nz = d[2];
  int cells = d[0] * d[1] * d[2];
  if (cells + 1 > g->cap) { g->cap = cells + 1; g->start = realloc(g->start, sizeof(int) * (size_t)g->cap); }
  memset(g->start, 0, sizeof(int) * (size_t)(cells + 1));
  int *at = malloc(sizeof(int) * (size_t)s->n);
  for (int i = 0; i < s->n; i++) {
    if (s->group[i] == 255) { at[i] = -1; continue; }
    int c[3];
    for (int k = 0; k < 3; k++) {
      c[k] = (int)((x[3 * i + k] - g->lo[k]) / cell);
      if (c[k] < 0) c[k] = 0;
      if (c[k] >= d[k]) c[k] = d[k] - 1;
    }
    at[i] = (c[2] * d[1] + c[1]) * d[0] + c[0];
    g->start[at[i] + 1]++;
  }
  for (int i = 0; i < cells; i++) g->start[i + 1] += g->start[i];
  int *fill = malloc(sizeof(int) * (size_t)cells);
  memcpy(fill, g->start, sizeof(int) * (size_t)cells);
  for (int i = 0; i < s->n; i++) if (at[i] >= 0) g->item[fill[at[i]]++] = i;
  free(fill); free(at);
}

static void hash_open(Hash *g, const Surface *s) {
  memset(g, 0, sizeof *g);
  g->item = malloc(sizeof(int) * (size_t)s->n);
  g->vstart = calloc((size_t)s->n + 2, sizeof(int));
  g->vtri = malloc(sizeof(int) * 3 * (size_t)s->m);
  for (int k = 0; k < 3 * s->m; k++) g->vstart[s->tri[k] + 2]++;
  for (int i = 0; i < s->n; i++) g->vstart[i + 2] += g->vstart[i + 1];
  for (int k = 0; k < 3 * s->m; k++) g->vtri[g->vstart[s->tri[k] + 1]++] = k / 3;
}
static void hash_close(Hash *g) { free(g->item); free(g->vstart); free(g->vtri); free(g->start); }

/* Squared distance to a triangle; u, w: weights of b and c at its closest point (Ericson, Real-Time Collision Detection). */
static float near_triangle(v4 p, v4 a, v4 b, v4 c, float *u, float *w) {
  v4 ab = b - a, ac = c - a, ap = p - a;
  float d1 = dot(ab, ap), d2 = dot(ac, ap);
  if (d1 <= 0 && d2 <= 0) { *u = *w = 0; return dot(ap, ap); }
  v4 bp = p - b;
  float d3 = dot(ab, bp), d4 = dot(ac, bp);
  if (d3 >= 0 && d4 <= d3) { *u = 1; *w = 0; return dot(bp, bp); }
  float vc = d1 * d4 - d3 * d2;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) {
    float t = d1 / (d1 - d3 + 1e-20f);
    *u = t; *w = 0;
    v4 q = ap - ab * t;
    return dot(q, q);
  }
  v4 cp = p - c;
  float d5 = dot(ab, cp), d6 = dot(ac, cp);
  if (d6 >= 0 && d5 <= d6) { *u = 0; *w = 1; return dot(cp, cp); }
  float vb = d5 * d2 - d1 * d6;
  if (vb <= 0 && d2 >= 0 && d6 <= 0) {
    float t = d2 / (d2 - d6 + 1e-20f);
    *u = 0; *w = t;
    v4 q = ap - ac * t;
    return dot(q, q);
  }
  float va = d3 * d6 - d5 * d4;
  if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    float t = (d4 - d3) / (d4 - d3 + d5 - d6 + 1e-20f);
    *u = 1 - t; *w = t;
    v4 q = p - (b + (c - b) * t);
    return dot(q, q);
  }
  float den = 1 / (va + vb + vc + 1e-20f);
  *u = vb * den; *w = vc * den;
  v4 q = ap - ab * *u - ac * *w;
  return dot(q, q);
}

/* A vertex of the wanted part (mask bits present or absent) within reach of p, the nearest; -1 without one. */
static int nearest_vertex(const Hash *g, const Surface *s, const float *x, v4 p, unsigned mask, int want, float reach) {
  int best = -1, c[3];
  float bd = reach * reach;
  for (int k = 0; k < 3; k++) c[k] = (int)floorf((p[k] - g->lo[k]) / g->cell);
  int z0 = c[2] - 1 < 0 ? 0 : c[2] - 1, z1 = c[2] + 1 >= g->nz ? g->nz - 1 : c[2] + 1;
  int y0 = c[1] - 1 < 0 ? 0 : c[1] - 1, y1 = c[1] + 1 >= g->ny ? g->ny - 1 : c[1] + 1;
  int x0 = c[0] - 1 < 0 ? 0 : c[0] - 1, x1 = c[0] + 1 >= g->nx ? g->nx - 1 : c[0] + 1;
  if (x0 > x1) return -1;
  for (int z = z0; z <= z1; z++) for (int y = y0; y <= y1; y++) {
    int row = (z * g->ny + y) * g->nx;
    for (int k = g->start[row + x0]; k < g->start[row + x1 + 1]; k++) {
      int i = g->item[k];
      if (((s->group[i] & mask) != 0) != want) continue;
      v4 q = load(x + 3 * i) - p;
      float e = dot(q, q);
      if (e < bd) { bd = e; best = i; }
    }
  }
  return best;
}

/* Walks from a vertex to the nearest triangle of the wanted part. Returns it or -1; vertex: where the walk ended. */
static int walk(const Hash *g, const Surface *s, const float *x, v4 p, unsigned mask, int want, int *vertex, float *u, float *w) {
  int found = -1, at = *vertex;
  float fd = 1e9f;
  for (int round = 0; round < 5; round++) {
    int moved = 0;
    for (int k = g->vstart[at]; k < g->vstart[at + 1]; k++) {
      int t = g->vtri[k];
      float a, b;
      const int32_t *q = s->tri + 3 * t;
      float e = near_triangle(p, load(x + 3 * q[0]), load(x + 3 * q[1]), load(x + 3 * q[2]), &a, &b);
      if (e < fd - 1e-12f) { fd = e; found = t; *u = a; *w = b; moved = 1; }
    }
    if (!moved || found < 0) break;
    const int32_t *q = s->tri + 3 * found;
    float l = 1 - *u - *w;
    int next = l > *u && l > *w ? q[0] : *u > *w ? q[1] : q[2];
    if (next == at || s->group[next] == 255 || ((s->group[next] & mask) != 0) != want) break;
    at = next;
  }
  *vertex = at;
  return found;
}

static void normals(const float *x, int n, const int32_t *t, int m, float *out) {
  memset(out, 0, sizeof(float) * 3 * (size_t)n);
  for (int k = 0; k < m; k++) {
    v4 a = load(x + 3 * t[3 * k]), c = cross(load(x + 3 * t[3 * k + 1]) - a, load(x + 3 * t[3 * k + 2]) - a);
    for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) out[3 * t[3 * k + i] + j] += c[j];
  }
  for (int i = 0; i < n; i++) {
    float *p = out + 3 * i, l = 1 / (sqrtf(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]) + 1e-20f);
    p[0] *= l; p[1] *= l; p[2] *= l;
  }
}

typedef struct { v4 p, dp, n, dn; int i; float gap, mu; } Contact;

static inline v4 blend(const float *x, const int32_t *q, float u, float w) {
  return load(x + 3 * q[0]) * (1 - u - w) + load(x + 3 * q[1]) * u + load(x + 3 * q[2]) * w;
}

/* How points look for one kind of contact. near: vertex that the last search ended at, or -1. */
typedef struct {
  const Surface *s;
  Hash hash;
  int want, keep_far; /* keep_far: a point deep inside or far away walks on from its last vertex */
  float reach, window, gap, mu, cell;
  int32_t *near;
} Search;

/* Adds the contacts of one kind. fresh: a full search, else a walk from where the last one ended. */
static int find(Search *f, int frame, const float *na, const float *nb, const v4 *x, const v4 *goal, int n, const uint8_t *home,
                int fresh, Contact *out) {
  const Surface *s = f->s;
  int ka = frame < s->keys ? frame : s->keys - 1, kb = frame + 1 < s->keys ? frame + 1 : s->keys - 1, count = 0;
  const float *xa = s->key + (size_t)3 * s->n * ka, *xb = s->key + (size_t)3 * s->n * kb;
  for (int i = 0; i < n; i++) {
    unsigned mask = home ? home[i] : 0xff;
    if (fresh) {
      int v = nearest_vertex(&f->hash, s, xa, x[i], mask, f->want, f->cell);
      if (v >= 0 || !f->keep_far) f->near[i] = v;
    }
    if (f->near[i] < 0) continue;
    float u, w;
    int vertex = f->near[i], t = walk(&f->hash, s, xa, x[i], mask, f->want, &vertex, &u, &w);
    f->near[i] = vertex;
    if (t < 0) continue;
    const int32_t *q = s->tri + 3 * t;
    v4 p = blend(xa, q, u, w), nn = blend(na, q, u, w), p1 = blend(xb, q, u, w), n1 = blend(nb, q, u, w);
    nn *= 1 / sqrtf(dot(nn, nn) + 1e-20f);
    n1 *= 1 / sqrtf(dot(n1, n1) + 1e-20f);
    float h = dot(x[i] - p, nn), h1 = dot(goal[i] - p1, n1);
    if (h < -f->window || (h > f->gap + f->reach && h1 > f->gap + f->reach)) continue;
    v4 off = x[i] - p;
    off -= nn * h;
    if (!f->keep_far && dot(off, off) > 4e-4f) continue; /* beside an open edge */
    out[count++] = (Contact){p, p1 - p, nn, n1 - nn, i, f->gap, f->mu};
  }
  return count;
}

/* --- points of the cloth that come near each other ---------------------------------------------------------------- */
typedef struct { int i, j; float gap; } Pair;
typedef struct { Pair *pair; int cap, size, *start, *item, *at, *cell; } Pairs;

static inline unsigned cell_key(int a, int b, int c, int mask) {
  return ((unsigned)a * 73856093u ^ (unsigned)b * 19349663u ^ (unsigned)c * 83492791u) & (unsigned)mask;
}

static int find_pairs(Pairs *s, const v4 *x, const float *rest, int n, float gap) {
  float cell = gap * 1.7f, far2 = cell * cell, inverse = 1 / cell;
  if (!s->size) {
    s->size = 1 << 15;
    while (s->size < 2 * n) s->size *= 2;
    s->start = malloc(sizeof(int) * ((size_t)s->size + 1));
    s->at = malloc(sizeof(int) * (size_t)s->size);
    s->item = malloc(sizeof(int) * (size_t)n);
    s->cell = malloc(sizeof(int) * 3 * (size_t)n);
  }
  int mask = s->size - 1, count = 0;
  memset(s->start, 0, sizeof(int) * ((size_t)s->size + 1));
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < 3; k++) s->cell[3 * i + k] = (int)floorf(x[i][k] * inverse);
    s->start[cell_key(s->cell[3 * i], s->cell[3 * i + 1], s->cell[3 * i + 2], mask) + 1]++;
  }
  for (int i = 0; i < s->size; i++) s->start[i + 1] += s->start[i];
  memcpy(s->at, s->start, sizeof(int) * (size_t)s->size);
  for (int i = 0; i < n; i++) s->item[s->at[cell_key(s->cell[3 * i], s->cell[3 * i + 1], s->cell[3 * i + 2], mask)]++] = i;
  for (int i = 0; i < n; i++) {
    const int *c = s->cell + 3 * i;
    for (int o = 0; o < 27; o++) {
      unsigned key = cell_key(c[0] + o % 3 - 1, c[1] + o / 3 % 3 - 1, c[2] + o / 9 - 1, mask);
      for (int k = s->start[key]; k < s->start[key + 1]; k++) {
        int j = s->item[k];
        if (j <= i) continue;
        v4 d = x[j] - x[i];
        if (dot(d, d) > far2) continue;
        v4 r = load(rest + 3 * i) - load(rest + 3 * j);
        if (dot(r, r) < 4 * gap * gap) continue;
        if (count == s->cap) { s->cap = s->cap * 2 + 1024; s->pair = realloc(s->pair, sizeof(Pair) * (size_t)s->cap); }
        s->pair[count++] = (Pair){i, j, gap};
      }
    }
  }
  return count;
}
static void close_pairs(Pairs *s) { free(s->pair); free(s->start); free(s->item); free(s->at); free(s->cell); }

/* --- groups of four that share no point --------------------------------------------------------------------------- */
enum { BLOCK = 384 };

/* Orders `count` constraints of `arity` points so that each four in a row share none; -1 fills a group. Returns groups. */
static int group_by_four(int count, int arity, const int32_t *point, int32_t **out) {
  int groups = 0, cap = count / 3 + 64;
  int32_t *order = malloc(sizeof(int32_t) * 4 * (size_t)cap), waiting[BLOCK];
  for (int first = 0; first < count; first += BLOCK) {
    int left = count - first < BLOCK ? count - first : BLOCK;
    for (int k = 0; k < left; k++) waiting[k] = first + k;
    while (left) {
      int32_t used[12], n_used = 0, picked = 0, rest = 0;
      if (groups == cap) { cap = cap * 2; order = realloc(order, sizeof(int32_t) * 4 * (size_t)cap); }
      int32_t *g = order + 4 * (size_t)groups++;
      for (int k = 0; k < left; k++) {
        const int32_t *p = point + arity * waiting[k];
        int clash = picked == 4;
        for (int a = 0; a < arity && !clash; a++) for (int b = 0; b < n_used; b++) clash |= p[a] == used[b];
        if (clash) { waiting[rest++] = waiting[k]; continue; }
        for (int a = 0; a < arity; a++) used[n_used++] = p[a];
        g[picked++] = waiting[k];
      }
      while (picked < 4) g[picked++] = -1;
      left = rest;
    }
  }
  *out = order;
  return groups;
}

typedef struct { int32_t a[4], b[4]; float length[4], pull[4], push[4], wa[4], wb[4]; } Four;

/* Springs in groups; idle lanes act on spare points n to n + 7 with no strength. give NULL: unyielding, no push. */
static Four *make_fours(int count, const int32_t *point, const float *length, const float *give, float idt2, float compress,
                        const float *wi, int n, int *groups) {
  int32_t *order;
  *groups = group_by_four(count, 2, point, &order);
  Four *out = NULL;
  if (posix_memalign((void **)&out, 64, sizeof(Four) * ((size_t)*groups + 1))) { free(order); return NULL; }
  for (int k = 0; k < *groups; k++) for (int l = 0; l < 4; l++) {
    Four *f = out + k;
    int e = order[4 * (size_t)k + l];
    if (e < 0) {
      f->a[l] = n + 2 * l; f->b[l] = n + 2 * l + 1;
      f->length[l] = f->pull[l] = f->push[l] = f->wa[l] = f->wb[l] = 0;
      continue;
    }
    int a = f->a[l] = point[2 * e], b = f->b[l] = point[2 * e + 1];
    float w = wi[a] + wi[b], soft = give ? give[e] * idt2 : 0;
    f->length[l] = length[e];
    f->pull[l] = 1 / (w + soft);
    f->push[l] = give ? 1 / (w + soft * compress) : 0;
    f->wa[l] = wi[a]; f->wb[l] = wi[b];
  }
  free(order);
  return out;
}

static inline void solve_fours(const Four *f, int groups, v4 *x) {
  for (int k = 0; k < groups; k++, f++) {
    __m128 d0 = x[f->a[0]] - x[f->b[0]], d1 = x[f->a[1]] - x[f->b[1]];
    __m128 d2 = x[f->a[2]] - x[f->b[2]], d3 = x[f->a[3]] - x[f->b[3]];
    __m128 t0 = _mm_unpacklo_ps(d0, d1), t1 = _mm_unpacklo_ps(d2, d3);
    __m128 t2 = _mm_unpackhi_ps(d0, d1), t3 = _mm_unpackhi_ps(d2, d3);
    __m128 px = _mm_movelh_ps(t0, t1), py = _mm_movehl_ps(t1, t0), pz = _mm_movelh_ps(t2, t3);
    __m128 l2 = px * px + py * py + pz * pz + 1e-14f;
    __m128 r = _mm_rsqrt_ps(l2);
    r = r * (1.5f - 0.5f * l2 * r * r); /* one Newton step: 22 bits */
    __m128 c = l2 * r - _mm_load_ps(f->length);
    __m128 k1 = _mm_blendv_ps(_mm_load_ps(f->pull), _mm_load_ps(f->push), c); /* the sign of c chooses */
    c = c * r * k1;
    __m128 wa = c * _mm_load_ps(f->wa), wb = c * _mm_load_ps(f->wb);
#define LANE(v, l) _mm_shuffle_ps(v, v, l * 0x55)
    x[f->a[0]] -= d0 * LANE(wa, 0); x[f->b[0]] += d0 * LANE(wb, 0);
    x[f->a[1]] -= d1 * LANE(wa, 1); x[f->b[1]] += d1 * LANE(wb, 1);
    x[f->a[2]] -= d2 * LANE(wa, 2); x[f->b[2]] += d2 * LANE(wb, 2);
    x[f->a[3]] -= d3 * LANE(wa, 3); x[f->b[3]] += d3 * LANE(wb, 3);
#undef LANE
  }
}

/* Neighbours move alike: velocities along springs evened by `share`. */
static inline void even_fours(const Four *f, int groups, v4 *vel, float share) {
  for (int k = 0; k < groups; k++, f++) {
    v4 d0 = (vel[f->b[0]] - vel[f->a[0]]) * share, d1 = (vel[f->b[1]] - vel[f->a[1]]) * share;
    v4 d2 = (vel[f->b[2]] - vel[f->a[2]]) * share, d3 = (vel[f->b[3]] - vel[f->a[3]]) * share;
    vel[f->a[0]] += d0; vel[f->b[0]] -= d0;
    vel[f->a[1]] += d1; vel[f->b[1]] -= d1;
    vel[f->a[2]] += d2; vel[f->b[2]] -= d2;
    vel[f->a[3]] += d3; vel[f->b[3]] -= d3;
  }
}

typedef struct { int32_t a, m, c; float share, whole, wa, wm, wc, curve; } Bend;

static Bend *make_bends(const Garment *g, const float *wi, float idt2) {
  int32_t *order;
  int groups = group_by_four(g->n_bend, 3, g->bend, &order), at = 0;
  Bend *out = malloc(sizeof(Bend) * ((size_t)g->n_bend + 1));
  for (int k = 0; k < 4 * groups; k++) {
    int e = order[k];
    if (e < 0) continue;
    const int32_t *q = g->bend + 3 * e;
    float a = g->share[e], c = 1 - a;
    float whole = 1 / (a * a * wi[q[0]] + wi[q[1]] + c * c * wi[q[2]] + g->soft[e] * idt2);
    out[at++] = (Bend){q[0], q[1], q[2], a, whole, a * wi[q[0]], wi[q[1]], c * wi[q[2]], g->curve ? g->curve[e] : 0};
  }
  free(order);
  return out;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */
static inline void solve_contact(const Contact *q, float tau, float step, v4 *x, v4 *prev) {
  int i = q->i;
  v4 p = q->p + q->dp * tau, nn = q->n + q->dn * tau, y = x[i];
  float h = dot(y - p, nn) - q->gap;
  if (h >= 0) return;
  float push = fminf(-h, 2.5e-3f);
  y += nn * push;
  /* what was inside before this substep is put right without a kick */
  float before = q->gap - dot(prev[i] + q->dp * step - p, nn);
  if (before > 0) prev[i] += nn * fminf(before, push);
  v4 slip = y - prev[i] - q->dp * step;
  slip -= nn * dot(slip, nn);
  float t = sqrtf(dot(slip, slip)) + 1e-12f, hold = q->mu * push;
  y -= slip * (t <= hold ? 1.f : hold / t);
  x[i] = y;
}

/* track: (frames + 1) x n x 3 positions of every frame, may be NULL. report: mean contacts and pairs a frame, fastest
 * point, mean speed at the end, then n speeds. Returns 0, or -1 without memory. */
int drape_run(const Garment *g, const Surface *body, const Surface *inner, const Options *o, float *track, float *report) {
  int n = g->n, S = o->substeps, spare = n + 8;
  float dt = o->frame_time / S, idt2 = 1 / (dt * dt), step = 1.f / S;
  v4 *x = NULL;
  if (posix_memalign((void **)&x, 64, sizeof(v4) * (size_t)spare * 5)) return -1;
  memset(x, 0, sizeof(v4) * (size_t)spare * 5);
  v4 *prev = x + spare, *vel = prev + spare, *adv = vel + spare, *goal = adv + spare;
  float *wi = malloc(sizeof(float) * (size_t)n);
  for (int i = 0; i < n; i++) { x[i] = load(g->x + 3 * i); wi[i] = 1 / g->mass[i]; }
  int n_spring, n_far;
  Four *springs = make_fours(g->n_spring, g->spring, g->length, g->give, idt2, o->compress, wi, n, &n_spring);
  Four *far = make_fours(g->n_far, g->far, g->far_length, NULL, 0, 0, wi, n, &n_far);
  Bend *bends = make_bends(g, wi, idt2);
  Search own = {.s = body, .want = 1, .keep_far = 1, .reach = 0.012f, .window = 0.2f, .gap = o->thickness, .mu = o->friction, .cell = 0.03f};
  Search other = {.s = body, .want = 0, .reach = 0.012f, .window = 0.008f, .gap = o->thickness, .mu = o->friction, .cell = 0.03f};
  Search under = {.s = inner, .want = 1, .reach = 0.01f, .window = 0.02f, .gap = o->inner_gap, .mu = o->inner_friction, .cell = 0.025f};
  int32_t *near = malloc(sizeof(int32_t) * 3 * (size_t)n);
  memset(near, 0xff, sizeof(int32_t) * 3 * (size_t)n);
  own.near = near; other.near = near + n; under.near = near + 2 * n;
  hash_open(&own.hash, body);
  if (inner) hash_open(&under.hash, inner);
  float *nrm = malloc(sizeof(float) * 6 * (size_t)body->n), *nri = inner ? malloc(sizeof(float) * 6 * (size_t)inner->n) : NULL;
  Contact *con = NULL;
  if (!springs || !far || posix_memalign((void **)&con, 64, sizeof(Contact) * 3 * (size_t)n)) return -1;
  Pairs pairs = {0};
  int n_pair = 0, n_con = 0;
  float fastest = 0;
  double sum_con = 0, sum_pair = 0;
  if (track) for (int i = 0; i < n; i++) for (int k = 0; k < 3; k++) track[3 * i + k] = x[i][k];
  for (int f = 0; f < o->frames; f++) {
    float calm = f >= o->frames * 2 / 3 ? o->calm : o->damping, keep = expf(-calm * dt);
    for (int i = 0; i < n; i++) { adv[i] = (v4){0}; goal[i] = x[i]; }
    if (f < g->moves) {
      const float *mv = g->move + (size_t)12 * g->bones * f;
      for (int i = 0; i < n; i++) {
        float m[12] = {0};
        for (int j = g->start[i]; j < g->start[i + 1]; j++) {
          const float *b = mv + 12 * g->bone[j], w = g->weight[j];
          for (int k = 0; k < 12; k++) m[k] += w * b[k];
        }
        v4 p = x[i];
        for (int r = 0; r < 3; r++) goal[i][r] = m[4 * r] * p[0] + m[4 * r + 1] * p[1] + m[4 * r + 2] * p[2] + m[4 * r + 3];
        adv[i] = (goal[i] - p) * step;
      }
    }
    int fresh = f < g->moves || f % o->search_every == 0;
    int ka = f < body->keys ? f : body->keys - 1, kb = f + 1 < body->keys ? f + 1 : body->keys - 1;
    const float *xa = body->key + (size_t)3 * body->n * ka, *xb = body->key + (size_t)3 * body->n * kb;
    if (f < body->keys) { /* the body stands still afterwards */
      hash_fill(&own.hash, xa, body, own.cell);
      normals(xa, body->n, body->tri, body->m, nrm);
      if (kb != ka) normals(xb, body->n, body->tri, body->m, nrm + 3 * body->n);
      else memcpy(nrm + 3 * body->n, nrm, sizeof(float) * 3 * (size_t)body->n);
    }
    other.hash = own.hash;
    n_con = find(&own, f, nrm, nrm + 3 * body->n, x, goal, n, g->home, fresh, con);
    n_con += find(&other, f, nrm, nrm + 3 * body->n, x, goal, n, g->home, fresh, con + n_con);
    if (inner) {
      ka = f < inner->keys ? f : inner->keys - 1; kb = f + 1 < inner->keys ? f + 1 : inner->keys - 1;
      const float *ya = inner->key + (size_t)3 * inner->n * ka, *yb = inner->key + (size_t)3 * inner->n * kb;
      if (fresh) hash_fill(&under.hash, ya, inner, under.cell);
      normals(ya, inner->n, inner->tri, inner->m, nri);
      normals(yb, inner->n, inner->tri, inner->m, nri + 3 * inner->n);
      n_con += find(&under, f, nri, nri + 3 * inner->n, x, goal, n, NULL, fresh, con + n_con);
    }
    n_pair = o->self ? find_pairs(&pairs, x, g->rest, n, o->self_gap) : 0;
    sum_con += n_con; sum_pair += n_pair;
    for (int s = 0; s < S; s++) {
      float tau = (s + 1.f) / S;
      v4 fall = {0, -o->gravity * dt, 0, 0};
      if (o->viscous > 0 && s % 2 == 0) even_fours(springs, n_spring, vel, 2 * o->viscous);
      for (int i = 0; i < n; i++) {
        vel[i] = (vel[i] + fall) * keep;
        prev[i] = x[i];
        x[i] += vel[i] * dt + adv[i];
      }
      solve_fours(far, n_far, x);
      solve_fours(springs, n_spring, x);
      for (const Bend *b = bends, *end = bends + g->n_bend; b < end; b++) {
        v4 d = (x[b->a] * b->share + x[b->c] * (1 - b->share) - x[b->m]) * b->whole;
        /* keeps its bend, on either side */
        if (b->curve > 0) d *= 1 - b->curve * b->whole / (sqrtf(dot(d, d)) + 1e-9f);
        x[b->a] -= d * b->wa; x[b->c] -= d * b->wc; x[b->m] += d * b->wm;
      }
      for (int k = 0; k < g->n_pin; k++) {
        int pa = f < g->pin_keys ? f : g->pin_keys - 1, pb = f + 1 < g->pin_keys ? f + 1 : g->pin_keys - 1;
        v4 a = load(g->pin_key + 3 * ((size_t)pa * g->n_pin + k)), b = load(g->pin_key + 3 * ((size_t)pb * g->n_pin + k));
        x[g->pin[k]] += (a + (b - a) * tau - x[g->pin[k]]) * g->pin_hold[k];
      }
      for (int k = 0; k < n_pair; k++) {
        int a = pairs.pair[k].i, b = pairs.pair[k].j;
        v4 d = x[a] - x[b];
        float l2 = dot(d, d), r = pairs.pair[k].gap;
        if (l2 >= r * r) continue;
        float l = sqrtf(l2) + 1e-9f, c = 0.5f * fminf(r - l, 5e-4f) / l;
        x[a] += d * c; x[b] -= d * c;
        v4 slip = (x[a] - prev[a] - adv[a]) - (x[b] - prev[b] - adv[b]); /* a little friction of cloth on cloth */
        x[a] -= slip * 0.08f; x[b] += slip * 0.08f;
      }
      for (int k = 0; k < n_con; k++) solve_contact(con + k, tau, step, x, prev);
      float top = o->top_speed * dt;
      for (int i = 0; i < n; i++) {
        v4 d = x[i] - prev[i] - adv[i];
        float l2 = dot(d, d);
        if (l2 > top * top) { d *= top / sqrtf(l2); x[i] = prev[i] + adv[i] + d; }
        if (!(l2 < 1e6f)) { x[i] = prev[i]; d = (v4){0}; } /* not a number: stays */
        if (l2 > fastest) fastest = l2;
        vel[i] = d * (1 / dt);
      }
    }
    if (track) {
      float *t = track + (size_t)3 * n * (f + 1);
      for (int i = 0; i < n; i++) for (int k = 0; k < 3; k++) t[3 * i + k] = x[i][k];
    }
  }
  double motion = 0;
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < 3; k++) g->x[3 * i + k] = x[i][k];
    float speed = sqrtf(dot(vel[i], vel[i]));
    motion += speed;
    if (report) report[4 + i] = speed;
  }
  if (report) {
    float frames = o->frames > 0 ? (float)o->frames : 1;
    report[0] = (float)sum_con / frames; report[1] = (float)sum_pair / frames;
    report[2] = sqrtf(fastest) / dt; report[3] = (float)(motion / n);
  }
  free(x); free(wi); free(springs); free(far); free(bends); free(near); free(nrm); free(nri); free(con);
  close_pairs(&pairs);
  hash_close(&own.hash);
  if (inner) hash_close(&under.hash);
  return 0;
}

/* Signed heights of n points over a surface's last key (and the normals there); 1 where nothing is in reach. */
void drape_heights(const Surface *s, const float *x, int n, const uint8_t *home, float *height, float *normal) {
  Hash g;
  hash_open(&g, s);
  const float *key = s->key + (size_t)3 * s->n * (s->keys - 1);
  float *nr = malloc(sizeof(float) * 3 * (size_t)s->n);
  normals(key, s->n, s->tri, s->m, nr);
  hash_fill(&g, key, s, 0.03f);
  for (int i = 0; i < n; i++) {
    float u, w;
    unsigned mask = home ? home[i] : 0xff;
    v4 p = load(x + 3 * i);
    height[i] = 1;
    int v = nearest_vertex(&g, s, key, p, mask, 1, 0.03f);
    int t = v < 0 ? -1 : walk(&g, s, key, p, mask, 1, &v, &u, &w);
    if (t < 0) continue;
    const int32_t *q = s->tri + 3 * t;
    v4 nn = blend(nr, q, u, w);
    nn *= 1 / sqrtf(dot(nn, nn) + 1e-20f);
    height[i] = dot(p - blend(key, q, u, w), nn);
    if (normal) for (int k = 0; k < 3; k++) normal[3 * i + k] = nn[k];
  }
  free(nr);
  hash_close(&g);
}
