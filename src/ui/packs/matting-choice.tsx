/** The visitor's own matting network: what cuts people out here, or how to bring one. */
import { useRef } from 'react';
import type { MattingSummary } from '../../client/digitizer-api.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Hint } from '../kit/readout.tsx';
import styles from './matting-choice.module.css';

const KIND_NAMES: Readonly<Record<MattingSummary['kind'], string>> = {
  u2net: 'U-2-Net',
  isnet: 'IS-Net',
  birefnet: 'BiRefNet',
  modnet: 'MODNet',
};

export function MattingChoice() {
  const { matting, mattingNote, busy } = useAppState(({ matting, mattingNote, openingWeights }) => ({
    matting,
    mattingNote,
    busy: openingWeights !== null,
  }));
  const { openMatting, removeMatting } = useActions();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {matting && (
        <p className={styles.one} data-testid="matting-in-use">
          <b>{matting.name}</b>
          <span>
            {KIND_NAMES[matting.kind]} norm, {matting.width} × {matting.height} px,{' '}
            {(matting.bytes / 1e6).toFixed(1)} MB
          </span>
          <button
            type="button"
            className={styles.button}
            data-testid="matting-remove"
            onClick={() => void removeMatting()}
          >
            Remove
          </button>
        </p>
      )}
      <p>
        <button
          type="button"
          className={styles.button}
          disabled={busy}
          data-testid="matting-add"
          onClick={() => input.current?.click()}
        >
          {matting ? 'Use another network' : 'Use a matting network of your own'}
        </button>
        <input
          ref={input}
          className="visually-hidden"
          type="file"
          accept=".onnx"
          tabIndex={-1}
          aria-label="Use a matting network of your own"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            event.currentTarget.value = '';
            if (file) void openMatting(file);
          }}
        />
      </p>
      <Hint>
        {mattingNote ??
          (matting
            ? 'It cuts people out of every photo that comes without a mask and without transparency.'
            : 'An .onnx file of U-2-Net, IS-Net, BiRefNet or MODNet, here or dropped on the page; it stays in this browser.')}
      </Hint>
    </>
  );
}
