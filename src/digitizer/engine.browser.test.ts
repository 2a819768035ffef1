/** Which precision an engine is trusted with, on whatever WebGPU is here (usually software, without half precision). */
import { expect, test } from 'vitest';
import { openDevice } from '../gpu/device.ts';
import { openPack } from '../networks/packs/pack.ts';
import { checkedEngine, engineOnDevice } from './engine.ts';

const opened = await openDevice({ allowSoftware: true });
if (opened.kind === 'none') console.warn(`engine on WebGPU skipped: ${opened.reason}`);

test.skipIf(opened.kind === 'none')(
  'half precision is for cards that have it; where it fails, full precision is checked and named',
  async () => {
    if (opened.kind === 'none') return;
    const pack = await openPack(new URL('/packs/starter/', location.href).href);
    const engine = engineOnDevice(opened, true);
    const hasHalf = opened.features.has('shader-f16');
    expect(engine.machine.precision).toBe(hasHalf ? 'f16' : 'f32');
    expect(engineOnDevice(opened, false).machine.precision).toBe('f32');
    if (hasHalf) return;
    // As a driver that promises it and cannot.
    const promised = { ...engine, machine: { ...engine.machine, precision: 'f16' as const } };
    const trusted = await checkedEngine(promised, pack);
    expect(trusted.machine).toMatchObject({ backend: 'webgpu', precision: 'f32' });
    expect(trusted.machine.reason).toMatch(/full precision/);
    engine.dispose();
  },
  120_000,
);
