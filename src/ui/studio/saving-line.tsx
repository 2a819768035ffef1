/** While a texture is made for a file: how far it is, and a way out. */
import { useActions, useAppState } from '../app-context.tsx';
import styles from './progress-line.module.css';

export function SavingLine() {
  const texture = useAppState((s) => s.texture);
  const { cancelSave } = useActions();
  return (
    <>
      <p className="visually-hidden" role="status">
        {texture ? 'Making the texture.' : ''}
      </p>
      {texture && (
        <div className={styles.line} data-testid="saving-line">
          <i className={styles.bar} style={{ transform: `scaleX(${texture.fraction})` }} />
          <b>Making the texture</b>
          <span>{texture.note}</span>
          <em>{Math.round(texture.fraction * 100)} %</em>
          <button
            type="button"
            className={styles.cancel}
            data-testid="cancel-save"
            onClick={() => void cancelSave()}
          >
            Cancel
          </button>
        </div>
      )}
    </>
  );
}
