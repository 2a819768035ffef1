/** How the figure is made: robust or reference, and with which weights. In every view, on every screen. */
import { useActions, useAppState } from '../app-context.tsx';
import { Section } from '../kit/readout.tsx';
import styles from '../kit/setting-row.module.css';
import { ModeChoice } from '../packs/mode-choice.tsx';

export function MethodSection() {
  const { name, opening } = useAppState((s) => ({
    name: s.session.kind === 'ready' ? s.session.pack.name : null,
    opening: s.openingWeights,
  }));
  const { setPacksOpen } = useActions();
  return (
    <Section title="Method">
      <ModeChoice />
      <div className={styles.row}>
        <span>
          Weights <small>{opening ? `opening ${opening}…` : (name ?? 'not open yet')}</small>
        </span>
        <button
          type="button"
          aria-haspopup="dialog"
          data-testid="inspector-packs"
          onClick={() => setPacksOpen(true)}
        >
          Model packs
        </button>
      </div>
    </Section>
  );
}
