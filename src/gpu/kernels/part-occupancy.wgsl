// Blurred occupancy of one part in its crop: ones sampled with imageFromPart (zero outside the image), cut to a window
// WINDOW_MARGIN px inside the crop, then a separable 15 x 15 Gaussian.
// group 0: 0 params uniform | 1 rows f32 [h, w] write (blur_rows), read (blur_columns) | 2 target f32 [h, w] write
// 64 x 4 threads, one per crop pixel, two passes: `blur_rows` computes the ones it needs instead of reading them,
// `blur_columns` finishes. Plain passes, because workgroup memory gains nothing at this size and its barriers cost a
// software renderer a hundredfold.
const RADIUS = 7u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_map: array<f32>;

/// Weight of the tap k - RADIUS.
fn blur_weight(k: u32) -> f32 {
  return params.blur[k / 4u].four[k % 4u];
}

/// Bilinear sample of a row of ones of the canvas' length, zero outside.
fn ones_along(position: f32) -> f32 {
  return clamp(min(1.0 + position, params.side - position), 0.0, 1.0);
}

/// Unblurred occupancy of a crop pixel, which may lie outside the crop.
fn occupancy(at: vec2i) -> f32 {
  let margin = i32(WINDOW_MARGIN);
  if (any(at < vec2i(margin)) || any(at >= vec2i(params.crop_size) - margin)) { return 0.0; }
  let p = affine_px(params.linear, params.shift, vec2f(at) + vec2f(params.crop_origin), params.side);
  return ones_along(p.x) * ones_along(p.y);
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn blur_rows(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.crop_size)) { return; }
  let first = vec2i(id.xy) - vec2i(i32(RADIUS), 0);
  var sum = 0.0;
  for (var k = 0u; k <= 2u * RADIUS; k++) { sum += blur_weight(k) * occupancy(first + vec2i(i32(k), 0)); }
  rows[id.y * params.crop_size.x + id.x] = sum;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn blur_columns(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.crop_size)) { return; }
  var sum = 0.0;
  for (var k = 0u; k <= 2u * RADIUS; k++) {
    let row = i32(id.y + k) - i32(RADIUS);
    if (row < 0 || row >= i32(params.crop_size.y)) { continue; }
    sum += blur_weight(k) * rows[u32(row) * params.crop_size.x + id.x];
  }
  target_map[id.y * params.crop_size.x + id.x] = sum;
}
