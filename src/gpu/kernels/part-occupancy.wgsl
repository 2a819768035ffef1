// Blurred occupancy of one part in its crop: ones sampled with imageFromPart (zero outside the image), cut to a window
// WINDOW_MARGIN px inside the crop, then a separable 15 x 15 Gaussian.
// group 0: 0 params uniform | 1 target f32 [h, w] write. BLUR and WINDOW_MARGIN come from part-occupancy.ts.
// 16 x 16 threads, one per crop pixel. The tile and its halo of 7 px live in workgroup memory (5.4 KiB): the ones are
// computed, not read, then blurred along rows, then along columns.
const TILE = 16u;
const RADIUS = 7u;
const HALO_TILE = 30u; // TILE + 2 * RADIUS

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> target_map: array<f32>;

var<workgroup> ones: array<f32, 900>; // [HALO_TILE, HALO_TILE]
var<workgroup> row_blurred: array<f32, 480>; // [HALO_TILE, TILE]

/// Bilinear sample of a row of ones of the canvas' length, zero outside.
fn ones_along(position: f32) -> f32 {
  return clamp(min(1.0 + position, params.middle * 2.0 + 1.0 - position), 0.0, 1.0);
}

/// Unblurred occupancy of a crop pixel, which may lie outside the crop.
fn occupancy(at: vec2i) -> f32 {
  let margin = i32(WINDOW_MARGIN);
  if (any(at < vec2i(margin)) || any(at >= vec2i(params.crop_size) - margin)) { return 0.0; }
  let p = affine_px(params.linear, params.offset, vec2f(at) + vec2f(params.crop_origin), params.middle);
  return ones_along(p.x) * ones_along(p.y);
}

@compute @workgroup_size(TILE, TILE)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile_origin = vec2i(group.xy * TILE) - i32(RADIUS);
  for (var i = lane; i < HALO_TILE * HALO_TILE; i += TILE * TILE) {
    ones[i] = occupancy(tile_origin + vec2i(vec2u(i % HALO_TILE, i / HALO_TILE)));
  }
  workgroupBarrier();
  for (var i = lane; i < HALO_TILE * TILE; i += TILE * TILE) {
    let first_at = (i / TILE) * HALO_TILE + i % TILE;
    var sum = 0.0;
    for (var k = 0u; k <= 2u * RADIUS; k++) { sum += BLUR[k] * ones[first_at + k]; }
    row_blurred[i] = sum;
  }
  workgroupBarrier();
  let at = group.xy * TILE + local.xy;
  if (any(at >= params.crop_size)) { return; }
  var sum = 0.0;
  for (var k = 0u; k <= 2u * RADIUS; k++) { sum += BLUR[k] * row_blurred[(local.y + k) * TILE + local.x]; }
  target_map[at.y * params.crop_size.x + at.x] = sum;
}
