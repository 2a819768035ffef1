/** Model packs: the starter, those the server has beside it, those kept in this browser, which is in use, and more. */
import { type MouseEvent, useEffect, useRef } from 'react';
import { CURRENT_ID, offersOf, STARTER_ID } from '../../store/packs-slice.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { MattingChoice } from './matting-choice.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { OfferedPack } from './offered-pack.tsx';
import { PackCard } from './pack-card.tsx';
import styles from './packs-dialog.module.css';

const ACCEPTED_WEIGHTS = '.zip,.json,.safetensors,.pth,.pt,.ckpt,.tar,.gz,.tgz,.bin,.pkl';

export default function PacksDialog() {
  const { starterPack, storedPacks, unkeptPack, packNote, problem } = useAppState(
    ({ starterPack, storedPacks, unkeptPack, packNote, problem }) => ({
      starterPack,
      storedPacks,
      unkeptPack,
      packNote,
      problem,
    }),
  );
  const offers = useAppState(offersOf);
  const { setPacksOpen } = useActions();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  /** A click on the backdrop has the dialog itself as its target. */
  function onBackdrop(event: MouseEvent) {
    if (event.target === dialog.current) dialog.current.close();
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a native dialog
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="packs-title"
      data-testid="packs-dialog"
      onClick={onBackdrop}
      onClose={() => setPacksOpen(false)}
    >
      <div className={styles.body}>
        <div className={styles.head}>
          <h2 id="packs-title">Model packs</h2>
          <button
            type="button"
            className={styles.close}
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </div>
        <p className={styles.lead}>
          The weights that turn a photo into a figure. What you add is kept in this browser, and sent nowhere.
        </p>
        <AddPack />
        <div role="alert" className={styles.alert}>
          {problem && (
            <p className={styles.problem} data-testid="packs-problem">
              <b>{problem.message}</b> {problem.fix}
            </p>
          )}
        </div>
        {packNote && (
          <p className={styles.note} data-testid="packs-note">
            {packNote}
          </p>
        )}
        <ul className={styles.list} aria-label="Packs">
          {starterPack && <PackCard id={STARTER_ID} pack={starterPack} kept="with" />}
          {offers.map((pack) => (
            <OfferedPack key={pack.id} pack={pack} starter={starterPack} />
          ))}
          {unkeptPack && <PackCard id={CURRENT_ID} pack={unkeptPack} kept="not" starter={starterPack} />}
          {storedPacks?.map((pack) => (
            <PackCard key={pack.key} id={pack.key} pack={pack} kept="here" starter={starterPack} />
          ))}
        </ul>
        <section className={styles.method} aria-labelledby="matting-title">
          <h3 id="matting-title">Outline</h3>
          <MattingChoice />
        </section>
        <section className={styles.method} aria-labelledby="method-title">
          <h3 id="method-title">Method</h3>
          <ModeChoice />
        </section>
      </div>
    </dialog>
  );
}

/** Choosing files, or how far their import is. */
function AddPack() {
  const { openingWeights, packProgress, waiting } = useAppState(({ openingWeights, packProgress, run }) => ({
    openingWeights,
    packProgress,
    waiting: packProgress === 0 && run.kind === 'running',
  }));
  const { addPack } = useActions();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.add}>
      <button
        type="button"
        className={styles.choose}
        disabled={openingWeights !== null}
        data-testid="pack-add"
        onClick={() => input.current?.click()}
      >
        <Icon name="plus" size={14} /> Add a pack or checkpoint
      </button>
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        multiple
        accept={ACCEPTED_WEIGHTS}
        tabIndex={-1}
        aria-label="Add a pack or checkpoint"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          void addPack(files);
        }}
      />
      {openingWeights === null ? (
        <span className={styles.hint}>a pack’s .zip or its two files, or a .pth.tar as downloaded</span>
      ) : (
        <div className={styles.progress} data-testid="pack-progress">
          <span role="status">
            {waiting ? `${openingWeights} is next, once the photo is done.` : `Opening ${openingWeights}…`}
          </span>
          <progress aria-label={`Opening ${openingWeights}`} max={1} value={packProgress ?? undefined} />
        </div>
      )}
    </div>
  );
}
