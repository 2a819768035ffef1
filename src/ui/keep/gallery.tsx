/** Figures that are kept in this browser: open, rename, carry away as a file, delete; and the space they take. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { ProjectCard } from '../../store/input-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { Bitmap } from '../kit/bitmap.tsx';
import { Icon } from '../kit/icons.tsx';
import { formatBytes } from '../words.ts';
import styles from './gallery.module.css';

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
/** After this the deleted figures are gone, ms. */
const UNDO_MS = 12_000;

export function Gallery() {
  const { projects, space, note, open, unkept } = useAppState((s) => ({
    projects: s.projects,
    space: s.space,
    note: s.storageNote,
    open: s.input?.project ?? null,
    unkept: s.input !== null && s.input.project === null ? s.input.title : null,
  }));
  const { goToFigure } = useActions();
  const count = projects?.length ?? 0;
  if (count === 0 && !note && !unkept) return <Deleted />;
  const bytes = projects?.reduce((sum, card) => sum + card.bytes, 0) ?? 0;
  return (
    <section className={styles.gallery} aria-labelledby="gallery-title" data-testid="gallery">
      <header className={styles.head}>
        <h2 id="gallery-title">Your figures</h2>
        <p data-testid="gallery-space">
          {count > 0 && `${count} kept in this browser, ${formatBytes(bytes)}`}
          {space && space.quotaBytes > 0 && count > 0 && ` of ${formatBytes(space.quotaBytes)}`}
        </p>
      </header>
      {note && (
        <p className={styles.note} data-testid="storage-note">
          <Icon name="warn" size={14} /> {note}
        </p>
      )}
      {unkept && (
        <button type="button" className={styles.back} data-testid="back-to-figure" onClick={goToFigure}>
          Back to {unkept}, which is open but not kept
        </button>
      )}
      <ul className={styles.list}>
        {projects?.map((card) => (
          <Card key={card.key} card={card} isOpen={card.key === open} />
        ))}
      </ul>
      <Deleted />
    </section>
  );
}

const STATE_WORDS = { finished: '', unfinished: 'not finished', unreadable: 'cannot be opened' } as const;

function Card({ card, isOpen }: { card: ProjectCard; isOpen: boolean }) {
  const { openProject, deleteProject, saveProject } = useActions();
  const { saving, running } = useAppState((s) => ({
    saving: s.savingProject === card.key,
    running: isOpen && (s.run.kind === 'running' || s.run.kind === 'cancelling'),
  }));
  const [renaming, setRenaming] = useState(false);
  const readable = card.state !== 'unreadable';
  return (
    <li className={styles.card} data-testid="project-card" data-state={card.state} data-key={card.key}>
      <button
        type="button"
        className={styles.open}
        disabled={!readable}
        aria-label={readable ? `Open ${card.title}` : `${card.title} cannot be opened`}
        data-testid="project-open"
        onClick={() => void openProject(card.key)}
      >
        {card.thumbnail ? <Bitmap id={card.thumbnail} /> : <i aria-hidden="true" />}
        {(running || STATE_WORDS[card.state]) && (
          <span className={styles.state}>{running ? 'in work' : STATE_WORDS[card.state]}</span>
        )}
      </button>
      {renaming ? (
        <Rename card={card} onDone={() => setRenaming(false)} />
      ) : (
        <p className={styles.title} title={card.title}>
          {card.title}
        </p>
      )}
      <p className={styles.facts}>
        {card.why && !running ? (
          <span title={card.why.fix}>{card.why.message}</span>
        ) : (
          <>
            {DATE.format(card.savedMs)} · {formatBytes(card.bytes)}
          </>
        )}
      </p>
      <div className={styles.tools}>
        {readable && (
          <>
            <button
              type="button"
              aria-label={`Rename ${card.title}`}
              title="Rename"
              data-testid="project-rename"
              onClick={() => setRenaming(true)}
            >
              <Icon name="pencil" />
            </button>
            <button
              type="button"
              aria-label={`Save ${card.title} as a project file`}
              title="Save as a project file"
              aria-disabled={saving}
              data-testid="project-save"
              onClick={() => void saveProject(card.key)}
            >
              <Icon name="save" />
            </button>
          </>
        )}
        <button
          type="button"
          aria-label={`Delete ${card.title}`}
          title="Delete"
          data-testid="project-delete"
          onClick={() => void deleteProject(card.key)}
        >
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

function Rename({ card, onDone }: { card: ProjectCard; onDone(): void }) {
  const { renameProject } = useActions();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  function submit(event: FormEvent) {
    event.preventDefault();
    void renameProject(card.key, field.current?.value ?? '');
    onDone();
  }
  return (
    <form onSubmit={submit}>
      <input
        ref={field}
        className={styles.field}
        defaultValue={card.title}
        maxLength={200}
        aria-label="Name of the figure"
        data-testid="project-name"
        onBlur={submit}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (field.current) field.current.value = card.title;
          onDone();
        }}
      />
    </form>
  );
}

/** What was just deleted can be had back for a while. */
function Deleted() {
  const deleted = useAppState((s) => s.deleted);
  const { undoDelete, finishDeleting } = useActions();
  const last = deleted.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further one starts the time anew
  useEffect(() => {
    if (!last) return;
    const timer = setTimeout(() => void finishDeleting(), UNDO_MS);
    return () => clearTimeout(timer);
  }, [last?.key, deleted.length]);
  return (
    <div role="status">
      {last && (
        <p className={styles.deleted} data-testid="deleted-line">
          <span>
            {deleted.length === 1 ? `“${last.title}” is deleted.` : `${deleted.length} figures are deleted.`}
          </span>
          <button
            type="button"
            data-testid="undo-delete"
            onClick={() => {
              for (const { key } of deleted) undoDelete(key);
            }}
          >
            Undo
          </button>
        </p>
      )}
    </div>
  );
}
