/** Starts the found Chrome or Chromium for a headless tool, with or without the software GPU. */
import { existsSync, readdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { findChromium, QUIET_FLAGS, SOFTWARE_GPU_FLAGS } from './chromium.ts';

/**
 * Lets a real GPU through in headless mode on Linux, where Chromium keeps it behind flags; other systems need none.
 * Source: developer.chrome.com, "Supercharge Web AI model testing: WebGPU, WebGL, and Headless Chrome".
 * The last one keeps WebGL (pose estimation) where the driver has no Vulkan. Not yet run on a machine with a GPU.
 */
const LINUX_GPU_FLAGS = [
  '--use-angle=vulkan',
  '--enable-features=Vulkan',
  '--disable-vulkan-surface',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
];

/** True when the system shows a graphics device that Chromium could use; other systems always have one. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  const devices = existsSync('/dev/dri') ? readdirSync('/dev/dri') : [];
  return devices.some((name) => name.startsWith('renderD')) || existsSync('/dev/nvidiactl');
}

export class BrowserMissing extends Error {
  override readonly name = 'BrowserMissing';
}

/**
 * @param gpu `auto` uses the machine's GPU where there is one; `software` is SwiftShader.
 * @throws BrowserMissing with one sentence that says what to do.
 */
export async function launchBrowser(gpu: 'auto' | 'software'): Promise<Browser> {
  const realGpuFlags = process.platform === 'linux' ? LINUX_GPU_FLAGS : [];
  const flags = gpu === 'auto' && hasGpu() ? realGpuFlags : SOFTWARE_GPU_FLAGS;
  // Loaded here, so that a command that stops at its arguments does so at once.
  const { chromium } = await import('playwright-core');
  try {
    return await chromium.launch({ executablePath: findChromium(), args: [...QUIET_FLAGS, ...flags] });
  } catch (error) {
    throw new BrowserMissing(
      'No Chrome or Chromium could be started. Run `npm run setup`, or set STATUETTE_CHROMIUM to the path of one.',
      { cause: error },
    );
  }
}
