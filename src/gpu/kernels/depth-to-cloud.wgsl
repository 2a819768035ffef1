// Front and back depth -> oriented points, front then back, row-major; same rules as depth-to-cloud.reference.ts.
// group 0: 0 params uniform
//          1 depth f32 [2, S, S] network units read | 2 px f32 [2, S, S] canvas px, read_write
//          3 merged f32 [6, S, S] coded normals read
//          4 kept u32 [2, S, words] one bit per pixel, read_write | 5 row_starts u32 [2, S + 1] read_write
//          6 positions f32 [points, 3] write | 7 normals f32 [points, 3] write | 8 pixels u32 [points] write
// Five passes. `prepare` (64 x 4 threads a side): depth in px, back eroded by the front. `mark` (a thread per 32
// pixels): which pixels become points, as bits. `count_rows` (a thread per row), `add_rows` (a thread per side): counts
// -> row_starts, the side's total at the end. `emit` (a thread per 32 pixels): points, each at its row's start plus the
// bits before it. The bits are stored, not decided twice, so that both passes agree on every driver, and the order
// never varies. No workgroup memory: its barriers cost a software renderer more than the reads they save.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> depth: array<f32>;
@group(0) @binding(2) var<storage, read_write> px: array<f32>;
@group(0) @binding(3) var<storage, read> merged: array<f32>;
@group(0) @binding(4) var<storage, read_write> kept: array<u32>;
@group(0) @binding(5) var<storage, read_write> row_starts: array<u32>;
@group(0) @binding(6) var<storage, read_write> positions: array<f32>;
@group(0) @binding(7) var<storage, read_write> normals: array<f32>;
@group(0) @binding(8) var<storage, read_write> pixels: array<u32>;

const NOTHING = 1e30;

/// The reference's way passes through 16-bit numbers that wrap.
fn depth_px(at: u32) -> f32 {
  let value = depth[at];
  if (params.robust == 1u) { return value * params.unit; }
  return f32(u32(trunc(value * DEPTH_STEPS)) & 0xffffu) * params.unit / DEPTH_STEPS;
}

/// True when the front has depth all around (square window of the erosions; borders do not erode).
fn front_surrounds(x: u32, y: u32) -> bool {
  let last = params.size - 1u;
  for (var row = max(y, BACK_EROSIONS) - BACK_EROSIONS; row <= min(y + BACK_EROSIONS, last); row++) {
    for (var column = max(x, BACK_EROSIONS) - BACK_EROSIONS; column <= min(x + BACK_EROSIONS, last); column++) {
      if (!(depth_px(row * params.size + column) > 0.0)) { return false; }
    }
  }
  return true;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn prepare(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= vec2u(params.size))) { return; }
  let at = (id.z * params.size + id.y) * params.size + id.x;
  var here = depth_px(at);
  if (id.z == 1u && params.erode_back == 1u && here > 0.0 && !front_surrounds(id.x, id.y)) { here = 0.0; }
  px[at] = here;
}

/// Tangent of the ray angle at a pixel centre; grows to the right and downward.
fn tangent(index: u32) -> f32 {
  return f32(i32(2u * index + 1u) - i32(params.size)) / f32(params.size) * HALF_VIEW_TANGENT;
}

struct Slope {
  value: f32,
  /// False when neither side continues the surface; the value is then 0.
  continues: bool,
}

/// depth-normals.ts, slopeWithinSurface: never across a jump.
fn slope_within_surface(before: f32, here: f32, after: f32) -> Slope {
  let back = here - before;
  let forth = after - here;
  let back_size = select(NOTHING, abs(back), before > 0.0);
  let forth_size = select(NOTHING, abs(forth), after > 0.0);
  if (max(back_size, forth_size) < CENTRAL_SLOPE_PX && abs(back - forth) < CENTRAL_CURVE_PX) {
    return Slope((back + forth) / 2.0, true);
  }
  if (min(back_size, forth_size) > JUMP_PX) { return Slope(0.0, false); }
  return Slope(select(forth, back, back_size < forth_size), true);
}

/// depth-normals.ts, normalFromSlopes: xyz unit normal facing the camera, w cosine to the ray.
fn normal_from_slopes(slopes: vec2f, weight: f32, ray: vec2f, distance: f32) -> vec4f {
  let square = 1.0 + dot(ray, ray);
  let straight = weight * distance / square;
  let normal = vec3f(slopes - ray * straight, straight + dot(ray, slopes));
  let size = length(normal);
  return vec4f(normal / size, weight * distance / (sqrt(square) * size));
}

struct Point {
  keep: bool,
  position: vec3f,
  /// Facing the camera.
  normal: vec3f,
}

fn point_at(side: u32, x: u32, y: u32) -> Point {
  var point: Point;
  let size = params.size;
  let plane = size * size;
  let pixel = y * size + x;
  let at = side * plane + pixel;
  let here = px[at];
  if (!(here > 0.0)) { return point; }
  let right = tangent(x);
  let down = tangent(y);
  let distance = (here - f32(size) / 2.0) / params.focal + 1.0;
  let z = distance / sqrt(right * right + down * down + 1.0);
  if (!(z > NEAREST_Z)) { return point; }

  // Neighbours beyond the border count as empty.
  var west = 0.0;
  var east = 0.0;
  var north = 0.0;
  var south = 0.0;
  if (x > 0u) { west = px[at - 1u]; }
  if (x + 1u < size) { east = px[at + 1u]; }
  if (y > 0u) { north = px[at - size]; }
  if (y + 1u < size) { south = px[at + size]; }
  let to_right = slope_within_surface(west, here, east);
  let to_up = slope_within_surface(south, here, north);
  let continues = to_right.continues && to_up.continues;
  let robust = params.robust == 1u;
  if (robust && !continues) { return point; }
  let ray = vec2f(right, -down);
  let own = normal_from_slopes(vec2f(to_right.value, to_up.value), 1.0, ray, distance);
  if (robust && own.w < GRAZING_COSINE) { return point; }

  var normal = own.xyz;
  let code_at = 3u * side * plane + pixel;
  let code = vec3f(merged[code_at], merged[code_at + plane], merged[code_at + 2u * plane]);
  let n = 2.0 * code - 1.0;
  if (any(code != vec3f(0.0)) && n.z > 0.0 && dot(n, n) > SHORTEST_CODED * SHORTEST_CODED) {
    let slopes = vec2f(-params.slope_scale * n.x, params.slope_scale * n.y);
    let coded = normal_from_slopes(slopes, n.z, ray, distance).xyz;
    let agreement = dot(own.xyz, coded);
    if (robust && own.w < STEEP_COSINE && agreement < DENIED_COSINE) { return point; }
    var share = 1.0;
    if (continues) { share = clamp((agreement - DISAGREE_COSINE) / (AGREE_COSINE - DISAGREE_COSINE), 0.0, 1.0); }
    normal = normalize(mix(normal, coded, share));
  }
  point.keep = true;
  point.position = vec3f(right * z, -down * z, 1.0 - z) / CLOUD_DIVISOR;
  point.normal = normal;
  return point;
}

fn words_per_row() -> u32 {
  return (params.size + 31u) / 32u;
}

@compute @workgroup_size(WORD_THREADS)
fn mark(@builtin(global_invocation_id) id: vec3u) {
  let words = words_per_row();
  if (id.x >= words) { return; }
  let first = id.x * 32u;
  let last = min(first + 32u, params.size);
  var bits = 0u;
  for (var x = first; x < last; x++) {
    if (point_at(id.z, x, id.y).keep) { bits |= 1u << (x - first); }
  }
  kept[(id.z * params.size + id.y) * words + id.x] = bits;
}

/// Counts go to slot row + 1 of the side, so that they can be added up in place.
@compute @workgroup_size(WORD_THREADS)
fn count_rows(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size) { return; }
  let words = words_per_row();
  let first = (id.y * params.size + id.x) * words;
  var count = 0u;
  for (var word = 0u; word < words; word++) { count += countOneBits(kept[first + word]); }
  row_starts[id.y * (params.size + 1u) + id.x + 1u] = count;
}

/// Slot r becomes the start of row r within its side, the last slot the side's total.
@compute @workgroup_size(1)
fn add_rows(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * (params.size + 1u);
  var start = 0u;
  row_starts[first] = 0u;
  for (var row = 1u; row <= params.size; row++) {
    start += row_starts[first + row];
    row_starts[first + row] = start;
  }
}

@compute @workgroup_size(WORD_THREADS)
fn emit(@builtin(global_invocation_id) id: vec3u) {
  let words = words_per_row();
  if (id.x >= words) { return; }
  let side = id.z;
  let first = (side * params.size + id.y) * words;
  var bits = kept[first + id.x];
  if (bits == 0u) { return; }
  // The back's points follow the front's.
  var at = side * row_starts[params.size] + row_starts[side * (params.size + 1u) + id.y];
  for (var word = 0u; word < id.x; word++) { at += countOneBits(kept[first + word]); }
  for (; bits != 0u; bits &= bits - 1u) {
    let x = id.x * 32u + firstTrailingBit(bits);
    let point = point_at(side, x, id.y);
    let normal = select(point.normal, -point.normal, side == 1u);
    positions[3u * at] = point.position.x;
    positions[3u * at + 1u] = point.position.y;
    positions[3u * at + 2u] = point.position.z;
    normals[3u * at] = normal.x;
    normals[3u * at + 1u] = normal.y;
    normals[3u * at + 2u] = normal.z;
    pixels[at] = id.y * params.size + x;
    at++;
  }
}
