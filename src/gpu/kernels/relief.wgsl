// One side of a depth map redrawn by its normals; what and why: relief.reference.ts.
// group 0: 0 params uniform | 1 depth f32 [2, H, W] read | 2 normals f32 [6, H, W] read
//          3 links u32 [H, W] | 4 residual f32 [H, W] | 5 direction f32 [H, W] | 6 target f32 [2, H, W]
// Planar. 64 x 4 threads, one per pixel. Order: for each side initialise, then ITERATIONS times update_solution,
// with update_residual before all but the first; at the end keep_thickness. A link is a bit: 1 right, 2 left, 4 up, 8 down.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> depth: array<f32>;
@group(0) @binding(2) var<storage, read> normals: array<f32>;
@group(0) @binding(3) var<storage, read_write> links: array<u32>;
@group(0) @binding(4) var<storage, read_write> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> direction: array<f32>;
@group(0) @binding(6) var<storage, read_write> target_map: array<f32>;

const RIGHT = 1u;
const LEFT = 2u;
const UP = 4u;
const DOWN = 8u;

fn coded(pixel: u32, axis: u32) -> f32 {
  let plane = params.size.x * params.size.y;
  return 2.0 * normals[(params.side * 3u + axis) * plane + pixel] - 1.0;
}

fn depth_at(pixel: u32) -> f32 {
  return depth[params.side * params.size.x * params.size.y + pixel];
}

fn normal_is_usable(pixel: u32) -> bool {
  let n = vec3f(coded(pixel, 0u), coded(pixel, 1u), coded(pixel, 2u));
  return n.z > params.least_z && dot(n, n) > params.shortest * params.shortest;
}

// Do two neighbouring pixels lie on one surface, as far as their depth tells?
fn continues(a: u32, b: u32) -> bool {
  let da = depth_at(a);
  let db = depth_at(b);
  return da > 0.0 && db > 0.0 && abs(da - db) < params.reach;
}

fn slope(pixel: u32, axis: u32) -> f32 {
  return clamp(-params.slope * coded(pixel, axis) / coded(pixel, 2u), -params.steepest, params.steepest);
}

fn degree(bits: u32) -> f32 {
  return f32(countOneBits(bits));
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn initialise(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let width = params.size.x;
  let i = id.y * width + id.x;
  let here = depth_at(i);
  var bits = 0u;
  var sum = 0.0;
  if (here > 0.0) {
    let own = normal_is_usable(i);
    if (own && id.x + 1u < width && continues(i, i + 1u)) {
      bits |= RIGHT;
      sum -= slope(i, 0u) - (depth_at(i + 1u) - here);
    }
    if (id.x > 0u && continues(i - 1u, i) && normal_is_usable(i - 1u)) {
      bits |= LEFT;
      sum += slope(i - 1u, 0u) - (here - depth_at(i - 1u));
    }
    if (own && id.y > 0u && continues(i, i - width)) {
      bits |= UP;
      sum += slope(i, 1u) - (here - depth_at(i - width));
    }
    if (id.y + 1u < params.size.y && continues(i + width, i) && normal_is_usable(i + width)) {
      bits |= DOWN;
      sum -= slope(i + width, 1u) - (depth_at(i + width) - here);
    }
  }
  links[i] = bits;
  residual[i] = sum / (params.screening + degree(bits));
  direction[i] = 0.0;
  target_map[params.side * width * params.size.y + i] = here;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn update_residual(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let width = params.size.x;
  let i = id.y * width + id.x;
  let bits = links[i];
  if (bits == 0u) {
    // No links: residual and correction stay 0.
    return;
  }
  let here = direction[i];
  var sum = params.screening * here;
  if ((bits & RIGHT) != 0u) { sum += here - direction[i + 1u]; }
  if ((bits & LEFT) != 0u) { sum += here - direction[i - 1u]; }
  if ((bits & UP) != 0u) { sum += here - direction[i - width]; }
  if ((bits & DOWN) != 0u) { sum += here - direction[i + width]; }
  residual[i] -= sum / (params.screening + degree(bits));
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn update_solution(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let i = id.y * params.size.x + id.x;
  let step = params.beta * direction[i] + params.alpha * residual[i];
  direction[i] = step;
  target_map[params.side * params.size.x * params.size.y + i] += step;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn keep_thickness(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let plane = params.size.x * params.size.y;
  let i = id.y * params.size.x + id.x;
  if (depth[i] <= 0.0) { return; }
  let thickness = min(depth[plane + i] - depth[i], params.thin);
  let front = target_map[i];
  let back = target_map[plane + i];
  if (back - front >= thickness) { return; }
  let middle = (front + back) / 2.0;
  target_map[i] = middle - thickness / 2.0;
  target_map[plane + i] = middle + thickness / 2.0;
}
