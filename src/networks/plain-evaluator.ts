/**
 * Evaluates a network in plain TypeScript, straight from its description: slow and obviously right. It judges the
 * graphics card before we trust it (self-check.ts); it shares the folded weights with the graphs, nothing else.
 */
import type { PlanarMap } from '../base/images.ts';
import { planarMap } from '../base/images.ts';
import { type ConvSpec, describeNetwork, type NetworkOps } from './architecture.ts';
import { baseWidth } from './layout.ts';
import { KEY_PREFIX, type NetworkId } from './network-ids.ts';
import { foldConv } from './onnx/fold.ts';
import type { WeightMap } from './packs/tensors.ts';

/** @param inputs by name, as the graph takes them; two extra zero channels are allowed. */
export function evaluatePlainly(
  tensors: WeightMap,
  id: NetworkId,
  inputs: Readonly<Record<string, PlanarMap>>,
): PlanarMap {
  return describeNetwork(id, new PlainOps(tensors, KEY_PREFIX[id], inputs), baseWidth(tensors, id));
}

class PlainOps implements NetworkOps<PlanarMap> {
  constructor(
    private readonly tensors: WeightMap,
    private readonly prefix: string,
    private readonly inputs: Readonly<Record<string, PlanarMap>>,
  ) {}

  input(name: string): PlanarMap {
    return this.inputs[name];
  }

  conv(x: PlanarMap, spec: ConvSpec): PlanarMap {
    const norm = spec.norm && `${this.prefix}.${spec.norm}`;
    const folded = foldConv(this.tensors, `${this.prefix}.${spec.key}`, norm, x.shape[0]);
    const [, height, width] = x.shape;
    const plane = height * width;
    const out = planarMap([spec.out, height, width]);
    const reach = (spec.kernel - 1) / 2;
    for (let o = 0; o < spec.out; o++) {
      const target = out.data.subarray(o * plane, (o + 1) * plane).fill(folded.bias[o]);
      for (let c = 0; c < x.shape[0]; c++) {
        for (let ky = -reach; ky <= reach; ky++) {
          for (let kx = -reach; kx <= reach; kx++) {
            const tap = ((o * x.shape[0] + c) * spec.kernel + ky + reach) * spec.kernel + kx + reach;
            const weight = folded.weight[tap];
            for (let row = Math.max(0, -ky); row < height - Math.max(0, ky); row++) {
              const source = c * plane + (row + ky) * width + kx;
              const to = row * width;
              const end = width - Math.max(0, kx);
              for (let i = Math.max(0, -kx); i < end; i++) target[to + i] += weight * x.data[source + i];
            }
          }
        }
      }
    }
    return spec.relu ? this.relu(out) : out;
  }

  relu(x: PlanarMap): PlanarMap {
    return planarMap(
      x.shape,
      x.data.map((v) => Math.max(v, 0)),
    );
  }

  sigmoid(x: PlanarMap): PlanarMap {
    return planarMap(
      x.shape,
      x.data.map((v) => 1 / (1 + Math.exp(-v))),
    );
  }

  maxPool(x: PlanarMap): PlanarMap {
    return mapPixels(x, x.shape[1] / 2, x.shape[2] / 2, (at, row, column) =>
      Math.max(
        at(2 * row, 2 * column),
        at(2 * row, 2 * column + 1),
        at(2 * row + 1, 2 * column),
        at(2 * row + 1, 2 * column + 1),
      ),
    );
  }

  upsample(x: PlanarMap): PlanarMap {
    return mapPixels(x, x.shape[1] * 2, x.shape[2] * 2, (at, row, column) => at(row >> 1, column >> 1));
  }

  add(a: PlanarMap, b: PlanarMap): PlanarMap {
    return planarMap(
      a.shape,
      a.data.map((v, i) => v + b.data[i]),
    );
  }

  mul(a: PlanarMap, b: PlanarMap): PlanarMap {
    const plane = a.shape[1] * a.shape[2];
    return planarMap(
      a.shape,
      a.data.map((v, i) => v * b.data[i % plane]),
    );
  }

  concat(parts: readonly PlanarMap[]): PlanarMap {
    const [, height, width] = parts[0].shape;
    const out = planarMap([parts.reduce((sum, p) => sum + p.shape[0], 0), height, width]);
    let at = 0;
    for (const part of parts) {
      out.data.set(part.data, at);
      at += part.data.length;
    }
    return out;
  }

  slice(x: PlanarMap, offset: number, stride: number): PlanarMap {
    return mapPixels(x, x.shape[1] / stride, x.shape[2] / stride, (at, row, column) =>
      at(offset + row * stride, offset + column * stride),
    );
  }
}

/** A map of another size whose pixels are made from the same channel of `x`. */
function mapPixels(
  x: PlanarMap,
  height: number,
  width: number,
  value: (at: (row: number, column: number) => number, row: number, column: number) => number,
): PlanarMap {
  const [channels, sourceHeight, sourceWidth] = x.shape;
  const out = planarMap([channels, height, width]);
  for (let c = 0; c < channels; c++) {
    const at = (row: number, column: number) => x.data[(c * sourceHeight + row) * sourceWidth + column];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        out.data[(c * height + row) * width + column] = value(at, row, column);
      }
    }
  }
  return out;
}
