/** Who is in a picture, asked once: what a run asked before, also one that was cancelled since, is not asked again. */
import type { RgbaImage } from '../base/images.ts';
import { orCancelled } from '../base/steps.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import type { FoundPeople } from '../intake/pose/people.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import type { SessionServices } from './session-services.ts';
import type { RunServices } from './stage.ts';

export class Detections {
  readonly #services: Pick<SessionServices, 'detect' | 'findPeople'>;
  readonly #poses = new WeakMap<RgbaImage, Promise<EstimatedPose | null>>();
  readonly #people = new WeakMap<RgbaImage, Promise<FoundPeople>>();

  constructor(services: Pick<SessionServices, 'detect' | 'findPeople'>) {
    this.#services = services;
  }

  /** For one run. @param signal of the run: it stops waiting, the answer is kept for the next one. */
  forRun(networks: NetworkRuntime, signal: AbortSignal): Pick<RunServices, 'detect' | 'findPeople'> {
    return {
      detect: ({ square, whom }) =>
        asked(this.#poses, square, signal, () => this.#services.detect(square, whom, networks)),
      findPeople: (picture) =>
        asked(this.#people, picture, signal, () => this.#services.findPeople(picture, networks)),
    };
  }
}

function asked<T>(
  answers: WeakMap<RgbaImage, Promise<T>>,
  picture: RgbaImage,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  let answer = answers.get(picture);
  if (!answer) {
    answer = ask();
    answers.set(picture, answer);
    answer.catch(() => answers.delete(picture));
  }
  return orCancelled(answer, signal, 'pose');
}
