/** Opens the dialog of model packs; quiet, because most people never need it. */
import { useActions, useAppState } from '../app-context.tsx';
import styles from './packs-button.module.css';

export function PacksButton({ children }: { children: string }) {
  const open = useAppState((s) => s.packsOpen);
  const { setPacksOpen } = useActions();
  return (
    <button
      type="button"
      className={styles.button}
      aria-haspopup="dialog"
      aria-expanded={open}
      title="Model packs"
      data-testid="packs-button"
      onClick={() => setPacksOpen(true)}
    >
      {children}
    </button>
  );
}
