/**
 * Opens the dialog of model packs; quiet, because most people never need it. A download that goes on while the dialog is
 * closed is a line under the words.
 */
import type { CSSProperties } from 'react';
import { useActions, useAppState } from '../app-context.tsx';
import styles from './packs-button.module.css';

export function PacksButton({ children }: { children: string }) {
  const { open, percent } = useAppState(({ packsOpen, packDownload }) => ({
    open: packsOpen,
    percent: packDownload?.kind === 'running' && !packsOpen ? Math.floor(packDownload.fraction * 100) : null,
  }));
  const { setPacksOpen } = useActions();
  return (
    <button
      type="button"
      className={styles.button}
      aria-haspopup="dialog"
      aria-expanded={open}
      title={percent === null ? 'Model packs' : `Model packs, download at ${percent} %`}
      data-downloading={percent !== null}
      style={{ '--received': `${percent ?? 0}%` } as CSSProperties}
      data-testid="packs-button"
      onClick={() => setPacksOpen(true)}
    >
      {children}
    </button>
  );
}
