/** The bundled sample photos, one button each. */
import { SAMPLES_FOLDER } from '../../store/samples.ts';
import { useActions, useAppState } from '../app-context.tsx';
import styles from './sample-strip.module.css';

export function SampleStrip() {
  const samples = useAppState((s) => s.samples);
  const { openSample } = useActions();
  return (
    <section className={styles.strip} aria-label="Sample photos">
      <span className={styles.or}>
        {samples.kind === 'failed' ? 'The samples could not be loaded.' : 'or try'}
      </span>
      <ul className={styles.list}>
        {samples.kind === 'loading' &&
          [0, 1, 2, 3].map((i) => <li key={i} className={styles.card} aria-hidden="true" />)}
        {samples.kind === 'ready' &&
          samples.list.map((sample) => (
            <li key={sample.id}>
              <button
                type="button"
                className={styles.card}
                title={sample.title}
                data-testid={`sample-${sample.id}`}
                onClick={() => void openSample(sample.id)}
              >
                <img
                  src={SAMPLES_FOLDER + sample.thumbnail}
                  alt={`Sample: ${sample.title}`}
                  decoding="async"
                  draggable={false}
                />
              </button>
            </li>
          ))}
      </ul>
    </section>
  );
}
