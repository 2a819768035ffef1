/** One pack: what it is, how good it is where somebody measured, and what can be done with it. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { PackDetails, PackFileFormat } from '../../client/digitizer-api.ts';
import type { PackId } from '../../store/session-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { focusIfLost } from './focus.ts';
import styles from './pack-card.module.css';
import { PackAccuracy, PackFacts } from './pack-facts.tsx';

interface Props {
  readonly id: PackId;
  readonly pack: PackDetails;
  /** With the app, here in the browser's storage, or not at all. */
  readonly kept: 'with' | 'here' | 'not';
  /** To compare with; null on the starter's own card. */
  readonly starter?: PackDetails | null;
}

const KEPT_WORDS = { with: 'comes with the app', here: 'kept in this browser', not: 'open until you leave' };

type Mode = 'plain' | 'renaming' | 'removing';

export function PackCard({ id, pack, kept, starter = null }: Props) {
  const inUse = useAppState((s) => s.packInUse === id);
  const [mode, setMode] = useState<Mode>('plain');
  const card = useRef<HTMLLIElement>(null);

  /** Back to the buttons, and the focus to the one that led away from them; without the pack there are none. */
  function leave(from: 'rename' | 'remove') {
    if (!card.current) {
      focusIfLost('[data-testid="pack-add"]');
      return;
    }
    // After a wait React would draw the buttons later than the next frame; only what is there takes the focus.
    flushSync(() => setMode('plain'));
    card.current.querySelector<HTMLElement>(`[data-testid="pack-${from}"]`)?.focus();
  }

  return (
    <li ref={card} className={styles.card} data-testid={`pack-${id}`} data-in-use={inUse}>
      <div className={styles.head}>
        {mode === 'renaming' ? (
          <RenameForm id={id} name={pack.name} onLeave={() => leave('rename')} />
        ) : (
          <h3 className={styles.name}>{pack.name}</h3>
        )}
        {inUse && mode !== 'renaming' && <span className={styles.badge}>in use</span>}
      </div>
      <PackFacts pack={pack} where={KEPT_WORDS[kept]} />
      <PackAccuracy pack={pack} starter={starter} />
      {mode === 'removing' && (
        <RemoveQuestion id={id} pack={pack} inUse={inUse} onLeave={() => leave('remove')} />
      )}
      {mode === 'plain' && <Actions id={id} pack={pack} kept={kept} inUse={inUse} onMode={setMode} />}
    </li>
  );
}

function Actions({ id, pack, kept, inUse, onMode }: Props & { inUse: boolean; onMode(mode: Mode): void }) {
  const { busy, saving } = useAppState((s) => ({
    busy: s.openingWeights !== null,
    saving: s.savingPack,
  }));
  const { usePack: choosePack, savePack } = useActions();
  const saveWords = (format: PackFileFormat, words: string) =>
    saving?.id === id && saving.format === format ? 'Saving…' : words;
  return (
    // biome-ignore lint/a11y/useSemanticElements: these buttons are no form
    <div className={styles.actions} role="group" aria-label={pack.name}>
      {!inUse && (
        <button
          type="button"
          className={styles.use}
          disabled={busy}
          data-testid="pack-use"
          onClick={() => void choosePack(id)}
        >
          Use
        </button>
      )}
      {kept === 'here' && (
        <>
          <button type="button" disabled={busy} data-testid="pack-rename" onClick={() => onMode('renaming')}>
            Rename
          </button>
          <button type="button" disabled={busy} data-testid="pack-remove" onClick={() => onMode('removing')}>
            Remove
          </button>
        </>
      )}
      <button
        type="button"
        disabled={saving !== null}
        data-testid="pack-save-zip"
        title="pack.json and weights.safetensors"
        onClick={() => void savePack(id, 'zip')}
      >
        {saveWords('zip', 'Save as zip')}
      </button>
      <button
        type="button"
        disabled={saving !== null}
        data-testid="pack-save-onnx"
        title="The eight networks as .onnx files, in a zip"
        onClick={() => void savePack(id, 'onnx')}
      >
        {saveWords('onnx', 'Save as ONNX')}
      </button>
    </div>
  );
}

function RenameForm({ id, name, onLeave }: { id: PackId; name: string; onLeave(): void }) {
  const { renamePack } = useActions();
  const [text, setText] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    await renamePack(id, text);
    onLeave();
  }

  return (
    <form className={styles.rename} onSubmit={(event) => void submit(event)}>
      <input
        ref={input}
        value={text}
        required
        maxLength={80}
        aria-label="New name"
        data-testid="pack-rename-input"
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          // Escape leaves the field, not the dialog.
          event.preventDefault();
          event.stopPropagation();
          onLeave();
        }}
      />
      <button type="submit" data-testid="pack-rename-save">
        Save
      </button>
      <button type="button" onClick={onLeave}>
        Cancel
      </button>
    </form>
  );
}

interface RemoveProps {
  readonly id: PackId;
  readonly pack: PackDetails;
  readonly inUse: boolean;
  onLeave(): void;
}

function RemoveQuestion({ id, pack, inUse, onLeave }: RemoveProps) {
  const { removePack } = useActions();
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question inside a card is no form
    <div className={styles.question} role="group" aria-label={`Remove ${pack.name}?`}>
      <p>
        Remove “{pack.name}” from this browser?{inUse && ' The starter pack takes over.'} This cannot be
        undone.
      </p>
      <button ref={keep} type="button" onClick={onLeave}>
        Keep it
      </button>
      <button
        type="button"
        className={styles.remove}
        data-testid="pack-remove-confirm"
        onClick={() => void removePack(id).then(onLeave)}
      >
        Remove
      </button>
    </div>
  );
}
