/** The side panels fold: the rail to its pictures (by itself where the window is not wide), the inspector to a strip. */
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { useMiddling, useNarrow } from '../kit/use-media.ts';
import styles from './folding.module.css';

export type Panel = 'rail' | 'inspector';

const NAMES: Readonly<Record<Panel, string>> = { rail: 'stages', inspector: 'details' };
const KEYS: Readonly<Record<Panel, string>> = { rail: '[', inspector: ']' };

/** Which panels are folded; on a phone none is: there they are a strip and a sheet. */
export function useFolded(): Readonly<Record<Panel, boolean>> {
  const folded = useAppState((s) => s.folded);
  const middling = useMiddling();
  const narrow = useNarrow();
  return {
    rail: !narrow && (folded.rail ?? middling),
    inspector: !narrow && (folded.inspector ?? false),
  };
}

export function FoldButton({ panel }: { panel: Panel }) {
  const folded = useFolded()[panel];
  const { setFolded } = useActions();
  const words = `${folded ? 'Show' : 'Fold'} the ${NAMES[panel]}`;
  return (
    <button
      type="button"
      className={styles.fold}
      data-panel={panel}
      data-folded={folded}
      aria-expanded={!folded}
      aria-label={words}
      title={`${words} (${KEYS[panel]})`}
      data-testid={`fold-${panel}`}
      onClick={() => setFolded({ [panel]: !folded })}
    >
      <Icon name="fold" />
    </button>
  );
}
