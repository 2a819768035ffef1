// Cuts a window out of a planar map, and stores the core of a computed tile back. Plain copies.
// group 0: 0 params uniform | 1 source f32 [Cs, Hs, Ws] read | 2 target f32 [Ct, Ht, Wt] write
// 64 x 4 threads over params.copy_size, one z layer per target channel.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> target_map: array<f32>;

/// Pixel target_origin + i takes pixel source_origin + i; zero where the source has none.
@compute @workgroup_size(GROUP_X, GROUP_Y)
fn copy_window(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.copy_size)) { return; }
  let source_at = vec2i(id.xy) + params.source_origin;
  let to = id.xy + params.target_origin;
  var value = 0.0;
  if (id.z < params.source_channels && all(source_at >= vec2i(0)) && all(source_at < vec2i(params.source_size))) {
    value = source[(id.z * params.source_size.y + u32(source_at.y)) * params.source_size.x + u32(source_at.x)];
  }
  target_map[(id.z * params.target_size.y + to.y) * params.target_size.x + to.x] = value;
}
