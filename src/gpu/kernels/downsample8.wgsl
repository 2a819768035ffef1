// 8x bilinear reduction without antialias: mean of the 2x2 block at rows and columns 8i+3, 8i+4.
// group 0: 0 params uniform | 1 source f32 [C, H, W] read | 2 target f32 [C, floor(H/8), floor(W/8)] write; planar.
// 64 x 4 threads and one z layer per channel.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_map: array<f32>;

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.target_size)) { return; }
  let width = params.source_size.x;
  let at = (id.z * params.source_size.y + id.y * 8u + 3u) * width + id.x * 8u + 3u;
  let sum = source[at] + source[at + 1u] + source[at + width] + source[at + width + 1u];
  target_map[(id.z * params.target_size.y + id.y) * params.target_size.x + id.x] = 0.25 * sum;
}
