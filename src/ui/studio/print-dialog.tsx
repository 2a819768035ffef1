/** Print: how tall, on what, with which words; the solid to turn, red where walls are thin; saved as STL or 3MF. */
import { lazy, type MouseEvent, Suspense, useEffect, useRef, useState } from 'react';
import {
  DEFAULT_PRINT_OPTIONS,
  LONGEST_PLINTH_TEXT,
  PLINTH_SHAPES,
  PRINT_HEIGHTS_MM,
  THINNEST_WALL_MM,
} from '../../export/print/print-options.ts';
import { useActions, useAppState, useResource } from '../app-context.tsx';
import { Icon } from '../kit/icons.tsx';
import { useReducedMotion } from '../kit/use-media.ts';
import { formatCount } from '../words.ts';
import styles from './print-dialog.module.css';

const ModelScene = lazy(() => import('../../scene/model-scene.tsx').then((m) => ({ default: m.ModelScene })));
const FRONT = { pose: 'home', serial: 0 } as const;
/** Typing has come to rest, ms. */
const TYPING_MS = 500;

function Preview() {
  const printing = useAppState((s) => s.printing);
  const mesh = useResource(printing.kind === 'ready' ? printing.mesh : null);
  const still = useReducedMotion();
  const [keys, setKeys] = useState<HTMLElement | null>(null);
  return (
    <div
      ref={setKeys}
      className={styles.preview}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys turn the print
      tabIndex={0}
      role="img"
      aria-label="The print. Arrow keys turn it, plus and minus zoom."
      data-testid="print-preview"
      data-state={printing.kind}
    >
      {mesh && (
        <Suspense fallback={null}>
          <ModelScene
            mesh={mesh}
            shading="colour"
            command={FRONT}
            turning={false}
            still={still}
            keys={keys}
          />
        </Suspense>
      )}
      {printing.kind === 'making' && <p className={styles.making}>Making one solid…</p>}
      {printing.kind === 'failed' && (
        <p className={styles.problem} role="alert">
          <b>{printing.error.message}</b> {printing.error.fix}
        </p>
      )}
    </div>
  );
}

function Facts() {
  const printing = useAppState((s) => s.printing);
  const thicken = useAppState((s) => s.printOptions.thicken);
  if (printing.kind !== 'ready') return <p className={styles.facts} data-testid="print-facts" />;
  const { sizeMm, volumeCm3, triangles, thinShare, pieces } = printing.facts;
  const [width, depth, height] = sizeMm.map((mm) => Math.round(mm));
  const share = thinShare * 100;
  return (
    <p className={styles.facts} data-testid="print-facts">
      {width} × {depth} × {height} mm, {Math.round(volumeCm3)} cm³, {formatCount(triangles)} triangles
      {pieces > 1 && `, ${pieces} pieces that do not hang together`}
      <br />
      {share === 0
        ? `No wall is thinner than ${THINNEST_WALL_MM} mm.`
        : `${share < 0.1 ? 'Under 0.1' : share.toFixed(1)} % of the surface ${thicken ? 'was' : 'is'} on walls thinner than ${THINNEST_WALL_MM} mm${thicken ? '; they were made thicker, what is red still is thin.' : ', shown in red.'}`}
    </p>
  );
}

export default function PrintDialog() {
  const options = useAppState((s) => s.printOptions);
  const saving = useAppState((s) => s.saving !== null);
  const ready = useAppState((s) => s.printing.kind === 'ready');
  const { setPrintOpen, setPrintOptions, savePrint } = useActions();
  const dialog = useRef<HTMLDialogElement>(null);
  const [height, setHeight] = useState(String(options.heightMm));
  const [text, setText] = useState(options.text);

  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  // What is typed counts when the typing rests.
  useEffect(() => {
    const heightMm = Number(height);
    if (heightMm === options.heightMm && text === options.text) return;
    const timer = setTimeout(() => void setPrintOptions({ heightMm, text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [height, text, options.heightMm, options.text, setPrintOptions]);

  function onBackdrop(event: MouseEvent) {
    if (event.target === dialog.current) dialog.current.close();
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a native dialog
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="print-title"
      data-testid="print-dialog"
      onClick={onBackdrop}
      onClose={() => setPrintOpen(false)}
    >
      <div className={styles.body}>
        <div className={styles.head}>
          <h2 id="print-title">Print</h2>
          <button
            type="button"
            aria-label="Close"
            className={styles.close}
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </div>
        <Preview />
        <div className={styles.controls}>
          <label>
            <span>Height of the figure</span>
            <span className={styles.unit}>
              <input
                type="number"
                min={PRINT_HEIGHTS_MM.least}
                max={PRINT_HEIGHTS_MM.most}
                step={1}
                value={height}
                data-testid="print-height"
                onChange={(event) => setHeight(event.target.value)}
                onBlur={() => height === '' && setHeight(String(DEFAULT_PRINT_OPTIONS.heightMm))}
              />
              mm
            </span>
          </label>
          <fieldset className={styles.shapes}>
            <legend>Plinth</legend>
            {PLINTH_SHAPES.map((shape) => (
              <label key={shape} data-chosen={options.plinth === shape}>
                <input
                  type="radio"
                  name="plinth"
                  checked={options.plinth === shape}
                  data-testid={`print-plinth-${shape}`}
                  onChange={() => {
                    // Without a plinth there is nothing to write on.
                    if (shape === 'none') setText('');
                    void setPrintOptions(shape === 'none' ? { plinth: shape, text: '' } : { plinth: shape });
                  }}
                />
                {shape}
              </label>
            ))}
          </fieldset>
          <label>
            <span>Text on the plinth</span>
            <input
              type="text"
              maxLength={LONGEST_PLINTH_TEXT}
              value={text}
              placeholder="none"
              disabled={options.plinth === 'none'}
              data-testid="print-text"
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={options.thicken}
              data-testid="print-thicken"
              onChange={(event) => void setPrintOptions({ thicken: event.target.checked })}
            />
            Make walls thinner than {THINNEST_WALL_MM} mm thicker
          </label>
          <Facts />
          <div className={styles.save}>
            {(['stl', 'threeMf'] as const).map((format) => (
              <button
                key={format}
                type="button"
                disabled={!ready || saving}
                data-testid={`print-save-${format}`}
                onClick={() => void savePrint(format)}
              >
                {saving ? 'Saving…' : format === 'stl' ? 'Save STL' : 'Save 3MF, coloured'}
              </button>
            ))}
          </div>
        </div>
      </div>
    </dialog>
  );
}
