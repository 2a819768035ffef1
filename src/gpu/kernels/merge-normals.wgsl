// Gather merge of up to MAX_PARTS part normal maps; also each part's share, and the filling of what no part covers.
// group 0: 0 params uniform (with per-part records)
//          1 normals f32 atlas read: part k is planar [6, h, w] at 6 x parts[k].start
//          2 occupancy f32 atlas read: part k is [h, w] at parts[k].start
//          3 target f32 write: merge, fill [6, S, S]; shares [MAX_PARTS, G, G]
//          4 merged f32 [6, S, S] read (fill) | 5 coarse f32 [6, C, C] read (fill)
//          6 tile_parts u32 [T, T] read: bit k is set where part k may reach the tile of TILE x TILE px
// Planar. 64 x 4 threads, one per output pixel. A pixel visits the parts of its tile (none on most of the canvas),
// skips those whose crop does not contain it, samples normals and occupancy there (bilinear, zero outside the crop) and
// stores sum(w n) / sum(w): 96 MiB of output instead of the 1.2 GB that twelve warped canvases take.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> normals: array<f32>;
@group(0) @binding(2) var<storage, read> occupancy: array<f32>;
@group(0) @binding(3) var<storage, read_write> target_map: array<f32>;
@group(0) @binding(4) var<storage, read> merged: array<f32>;
@group(0) @binding(5) var<storage, read> coarse: array<f32>;
@group(0) @binding(6) var<storage, read> tile_parts: array<u32>;

/// Parts that may reach the pixel, as bits.
fn parts_near(pixel: vec2u) -> u32 {
  let tiles = (params.size + TILE - 1u) / TILE;
  return tile_parts[(pixel.y / TILE) * tiles + pixel.x / TILE];
}

struct Gathered {
  taps: Taps,
  /// 0 where the part does not reach.
  weight: f32,
}

fn gather(k: u32, pixel: vec2u) -> Gathered {
  let canvas_at = affine_px(params.parts[k].linear, params.parts[k].shift, vec2f(pixel), f32(params.size));
  let at = canvas_at - params.parts[k].origin;
  let size = params.parts[k].size;
  var found: Gathered;
  // Not (inside), rather than outside, so that a NaN of a singular transform reaches nothing.
  if (!(all(at > vec2f(-1.0)) && all(at < vec2f(size)))) { return found; }
  found.taps = zero_padded_taps(at, size);
  let i = found.taps.index + params.parts[k].start;
  found.weight = dot(found.taps.weight, vec4f(occupancy[i.x], occupancy[i.y], occupancy[i.z], occupancy[i.w]));
  return found;
}

/// One channel of a part's normals.
fn sample_normals(taps: Taps, start: u32) -> f32 {
  let i = taps.index + start;
  return dot(taps.weight, vec4f(normals[i.x], normals[i.y], normals[i.z], normals[i.w]));
}

/// One channel of the coarse normals.
fn sample_coarse(taps: Taps, start: u32) -> f32 {
  let i = taps.index + start;
  return dot(taps.weight, vec4f(coarse[i.x], coarse[i.y], coarse[i.z], coarse[i.w]));
}

fn weight_sum(pixel: vec2u) -> f32 {
  var sum = 0.0;
  for (var bits = parts_near(pixel); bits != 0u; bits &= bits - 1u) {
    sum += gather(firstTrailingBit(bits), pixel).weight;
  }
  return sum;
}

fn store(pixel: vec2u, front: vec3f, back: vec3f) {
  let plane = params.size * params.size;
  let at = pixel.y * params.size + pixel.x;
  target_map[at] = front.x;
  target_map[at + plane] = front.y;
  target_map[at + 2u * plane] = front.z;
  target_map[at + 3u * plane] = back.x;
  target_map[at + 4u * plane] = back.y;
  target_map[at + 5u * plane] = back.z;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn merge(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= vec2u(params.size))) { return; }
  var sum = 0.0;
  var front = vec3f(0.0);
  var back = vec3f(0.0);
  for (var bits = parts_near(id.xy); bits != 0u; bits &= bits - 1u) {
    let k = firstTrailingBit(bits);
    let found = gather(k, id.xy);
    if (found.weight == 0.0) { continue; }
    sum += found.weight;
    let size = params.parts[k].size;
    let plane = size.x * size.y;
    let x = 6u * params.parts[k].start;
    let y = x + plane;
    let z = y + plane;
    front += found.weight * vec3f(
      sample_normals(found.taps, x),
      sample_normals(found.taps, y),
      sample_normals(found.taps, z),
    );
    back += found.weight * vec3f(
      sample_normals(found.taps, x + 3u * plane),
      sample_normals(found.taps, y + 3u * plane),
      sample_normals(found.taps, z + 3u * plane),
    );
  }
  let share = select(0.0, 1.0 / sum, sum != 0.0);
  store(id.xy, front * share, back * share);
}

/// Grid index i stands for the canvas pixel floor(i S / G).
@compute @workgroup_size(GROUP_X, GROUP_Y)
fn shares(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= vec2u(params.grid))) { return; }
  let pixel = id.xy * params.size / params.grid;
  let sum = weight_sum(pixel);
  let share = select(0.0, 1.0 / sum, sum != 0.0);
  let plane = params.grid * params.grid;
  for (var k = 0u; k < MAX_PARTS; k++) {
    var weight = 0.0;
    if (k < params.part_count) { weight = gather(k, pixel).weight * share; }
    target_map[k * plane + id.y * params.grid + id.x] = weight;
  }
}

/// Recodes a normal coded from depth on a grid `steepness` times coarser, whose slopes read that much too steep here.
/// min(1, 2 z) leaves surfaces alone and keeps the background, coded 0, at 0 (merge-normals.reference.ts).
fn flattened(code: vec3f, steepness: f32) -> vec3f {
  let n = (2.0 * code - 1.0) / vec3f(steepness, steepness, 1.0);
  let size = length(n);
  let present = select(0.0, clamp(2.0 * code.z, 0.0, 1.0), size > 0.0);
  return select(vec3f(0.0), present * (n / size + 1.0) / 2.0, present > 0.0);
}

/// merged * s + flattened coarse * (1 - s), s = min(1, occupancy sum).
@compute @workgroup_size(GROUP_X, GROUP_Y)
fn fill(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= vec2u(params.size))) { return; }
  let plane = params.size * params.size;
  let at = id.y * params.size + id.x;
  var front = vec3f(merged[at], merged[plane + at], merged[2u * plane + at]);
  var back = vec3f(merged[3u * plane + at], merged[4u * plane + at], merged[5u * plane + at]);
  let missing = 1.0 - weight_sum(id.xy);
  if (missing > 0.0) {
    let ratio = f32(params.coarse_size) / f32(params.size);
    let taps = edge_taps((vec2f(id.xy) + 0.5) * ratio - 0.5, vec2u(params.coarse_size));
    let coarse_plane = params.coarse_size * params.coarse_size;
    let coarse_front = vec3f(
      sample_coarse(taps, 0u),
      sample_coarse(taps, coarse_plane),
      sample_coarse(taps, 2u * coarse_plane),
    );
    let coarse_back = vec3f(
      sample_coarse(taps, 3u * coarse_plane),
      sample_coarse(taps, 4u * coarse_plane),
      sample_coarse(taps, 5u * coarse_plane),
    );
    front = front * (1.0 - missing) + flattened(coarse_front, 1.0 / ratio) * missing;
    back = back * (1.0 - missing) + flattened(coarse_back, 1.0 / ratio) * missing;
  }
  store(id.xy, front, back);
}
