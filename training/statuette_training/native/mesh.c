/* Mesh operations that numpy is slow at: vertex normals, curved edge midpoints, lattice noise, skinning, smoothing. */
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Area-weighted unit normals of n vertices. */
void st_normals(const float *v, int n, const int32_t *t, int m, float *out) {
  memset(out, 0, sizeof(float) * 3 * (size_t)n);
  for (int k = 0; k < m; k++) {
    const float *a = v + 3 * (long)t[3 * k], *b = v + 3 * (long)t[3 * k + 1], *c = v + 3 * (long)t[3 * k + 2];
    float ux = b[0] - a[0], uy = b[1] - a[1], uz = b[2] - a[2], wx = c[0] - a[0], wy = c[1] - a[1], wz = c[2] - a[2];
    float x = uy * wz - uz * wy, y = uz * wx - ux * wz, z = ux * wy - uy * wx;
    for (int i = 0; i < 3; i++) {
      float *p = out + 3 * (long)t[3 * k + i];
      p[0] += x; p[1] += y; p[2] += z;
    }
  }
  for (int i = 0; i < n; i++) {
    float *p = out + 3 * (long)i, l = 1 / (sqrtf(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]) + 1e-20f);
    p[0] *= l; p[1] *= l; p[2] *= l;
  }
}

/* Phong tessellation: edge midpoints pulled onto the tangent planes of both ends by alpha. */
void st_midpoints(const float *v, const float *n, const int32_t *edge, int m, float alpha, float *out) {
  for (int k = 0; k < m; k++) {
    const float *a = v + 3 * (long)edge[2 * k], *b = v + 3 * (long)edge[2 * k + 1];
    const float *na = n + 3 * (long)edge[2 * k], *nb = n + 3 * (long)edge[2 * k + 1];
    float q[3], da = 0, db = 0;
    for (int i = 0; i < 3; i++) q[i] = .5f * (a[i] + b[i]);
    for (int i = 0; i < 3; i++) { da += (q[i] - a[i]) * na[i]; db += (q[i] - b[i]) * nb[i]; }
    for (int i = 0; i < 3; i++) out[3 * k + i] = q[i] - alpha * .5f * (da * na[i] + db * nb[i]);
  }
}

static inline float lattice(int x, int y, int z, uint32_t s) {
  uint32_t h = s + (uint32_t)x * 0x9E3779B9u + (uint32_t)y * 0x85EBCA6Bu + (uint32_t)z * 0xC2B2AE35u;
  h ^= h >> 16; h *= 0x7feb352du; h ^= h >> 15; h *= 0x846ca68bu; h ^= h >> 16;
  return (h >> 8) / 8388608.f - 1.f;
}

/* Smooth value noise in [-1, 1] with unit cells at n points. */
void st_noise(const float *x, int n, uint32_t seed, float *out) {
  for (int i = 0; i < n; i++) {
    float p[3], f[3];
    int c[3];
    for (int k = 0; k < 3; k++) {
      p[k] = x[3 * (long)i + k];
      c[k] = (int)floorf(p[k]);
      f[k] = p[k] - c[k];
      f[k] = f[k] * f[k] * f[k] * (f[k] * (f[k] * 6 - 15) + 10);
    }
    float r = 0;
    for (int k = 0; k < 8; k++) {
      int a = k & 1, b = (k >> 1) & 1, d = k >> 2;
      r += lattice(c[0] + a, c[1] + b, c[2] + d, seed) * (a ? f[0] : 1 - f[0]) * (b ? f[1] : 1 - f[1]) * (d ? f[2] : 1 - f[2]);
    }
    out[i] = r;
  }
}

/* Linear blend skinning. CSR weights (start n + 1, bone, weight), bones b x 12 (3 x 4 row major). */
void st_skin(const float *v, int n, const int32_t *start, const int32_t *bone, const float *weight, const float *mat, float *out) {
  for (int i = 0; i < n; i++) {
    float m[12] = {0};
    for (int j = start[i]; j < start[i + 1]; j++)
      for (int k = 0; k < 12; k++) m[k] += weight[j] * mat[12 * (long)bone[j] + k];
    const float *p = v + 3 * (long)i;
    for (int r = 0; r < 3; r++) out[3 * (long)i + r] = m[4 * r] * p[0] + m[4 * r + 1] * p[1] + m[4 * r + 2] * p[2] + m[4 * r + 3];
  }
}

/* One smoothing step towards the mean of the neighbours (CSR), per-vertex strength; `in` and `out` differ. */
void st_smooth(const float *in, int n, const int32_t *start, const int32_t *next, const float *strength, int width, float *out) {
  for (int i = 0; i < n; i++) {
    const float *p = in + (long)width * i;
    float *q = out + (long)width * i;
    int a = start[i], b = start[i + 1];
    if (a == b || strength[i] <= 0) { memcpy(q, p, sizeof(float) * width); continue; }
    float inv = 1.f / (b - a);
    for (int k = 0; k < width; k++) {
      float s = 0;
      for (int j = a; j < b; j++) s += in[(long)width * next[j] + k];
      q[k] = p[k] + strength[i] * (s * inv - p[k]);
    }
  }
}
