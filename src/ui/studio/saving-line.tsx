/** While a file is made that takes long (a texture, a video): how far it is, and a way out. */
import { isTextured } from '../../export/formats.ts';
import { useActions, useAppState } from '../app-context.tsx';
import styles from './progress-line.module.css';

export function SavingLine() {
  const saving = useAppState((s) => s.saving);
  const { cancelSave } = useActions();
  const words = saving && isTextured(saving.format) ? 'Making the texture' : 'Making the file';
  const shown = saving && saving.note !== undefined ? saving : null;
  return (
    <>
      <p className="visually-hidden" role="status">
        {shown ? `${words}.` : ''}
      </p>
      {shown && (
        <div className={styles.line} data-testid="saving-line">
          <i className={styles.bar} style={{ transform: `scaleX(${shown.fraction})` }} />
          <b>{words}</b>
          <span>{shown.note}</span>
          <em>{Math.round(shown.fraction * 100)} %</em>
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
