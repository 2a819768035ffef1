// Resampling of an 8-bit picture by tables of taps: cubic, or exact area average. Replicate padding is an index clamp.
// group 0: 0 params uniform | 1 photo u32 RGBA8 rows [first_row, first_row + band_rows) x W read
//          2 first_tap i32 [2, size] read: first index in the photo, of each output column then row
//          3 weights f32 [2, size, taps] read | 4 target u32 RGBA8 [rows, size] write: output rows from `row`
// 64 x 4 threads, one per output pixel of the band; taps x taps reads each. Sums are f32: within 1 grey level.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> photo: array<u32>;
@group(0) @binding(2) var<storage, read> first_tap: array<i32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> target_map: array<u32>;

fn photo_at(row: i32, column: i32) -> vec4f {
  let y = u32(clamp(row, 0, i32(params.photo_size.y) - 1)) - params.first_row;
  let x = u32(clamp(column, 0, i32(params.photo_size.x) - 1));
  let rgba = photo[y * params.photo_size.x + x];
  return vec4f(vec4u(rgba & 255u, (rgba >> 8u) & 255u, (rgba >> 16u) & 255u, rgba >> 24u));
}

fn packed(value: vec4f) -> u32 {
  let v = vec4u(clamp(floor(value + 0.5), vec4f(0.0), vec4f(255.0)));
  return v.x | (v.y << 8u) | (v.z << 16u) | (v.w << 24u);
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.size || id.y >= params.rows) { return; }
  let row = id.y + params.row;
  let first_column = first_tap[id.x];
  let first_row = first_tap[params.size + row];
  var sum = vec4f(0.0);
  for (var j = 0u; j < params.taps; j++) {
    let row_weight = weights[(params.size + row) * params.taps + j];
    if (row_weight == 0.0) { continue; }
    var line = vec4f(0.0);
    for (var i = 0u; i < params.taps; i++) {
      let weight = weights[id.x * params.taps + i];
      var rgba = photo_at(first_row + i32(j), first_column + i32(i));
      if (params.alpha_weighted == 1u) { rgba = vec4f(rgba.rgb * rgba.a, rgba.a); }
      line += weight * rgba;
    }
    sum += row_weight * line;
  }
  if (params.alpha_weighted == 1u) {
    sum = vec4f(select(vec3f(0.0), sum.rgb / max(sum.a, 1e-6), sum.a > 1e-6), sum.a);
  }
  target_map[id.y * params.size + id.x] = packed(sum);
}
