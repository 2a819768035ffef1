/** Name, the four views, the state of the machine, and the one loud button. */
import { useRef } from 'react';
import { VIEW_IDS } from '../../store/view-state.ts';
import { useActions, useAppState } from '../app-context.tsx';
import { ACCEPTED_FILES } from '../first-page/accepted-files.ts';
import { Icon } from '../kit/icons.tsx';
import { Logo } from '../kit/logo.tsx';
import { Shortcuts } from '../kit/shortcuts.tsx';
import { TabList } from '../kit/tab-list.tsx';
import { ThemeButton } from '../kit/theme.tsx';
import { PacksButton } from '../packs/packs-button.tsx';
import { machineName, VIEW_NAMES } from '../words.ts';
import { SaveMenu } from './save-menu.tsx';
import styles from './top-bar.module.css';

export function TopBar() {
  const { input, view, session, openingWeights } = useAppState(
    ({ input, view, session, openingWeights }) => ({ input, view, session, openingWeights }),
  );
  const { setView, openFiles, goHome } = useActions();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <header className={styles.bar}>
      <button
        type="button"
        className={styles.home}
        onClick={goHome}
        aria-label="Statuette, first page"
        title="First page; the figure is kept"
        data-testid="home"
      >
        <Logo />
      </button>
      <button
        type="button"
        className={styles.file}
        title="Open another photo"
        onClick={() => picker.current?.click()}
      >
        <span>{input && (input.title === input.name ? input.fileName : input.title)}</span>
        <Icon name="plus" size={14} />
      </button>
      <input
        ref={picker}
        className="visually-hidden"
        type="file"
        multiple
        accept={ACCEPTED_FILES}
        tabIndex={-1}
        aria-label="Open another photo"
        data-testid="file-input"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          void openFiles(files);
        }}
      />
      <div className={styles.tabs}>
        <TabList
          label="View"
          panel="view-panel"
          chosen={view}
          items={VIEW_IDS.map((id) => ({ id, label: VIEW_NAMES[id], testId: `view-${id}` }))}
          onChoose={setView}
        />
      </div>
      <p
        className={styles.machine}
        data-testid="machine-line"
        data-state={session.kind}
        data-opening={openingWeights !== null}
      >
        {session.kind === 'ready' && (
          <span title={session.machine.reason}>
            <i data-tone={session.machine.backend} />
            {machineName(session.machine)}
          </span>
        )}
        {openingWeights && <span className={styles.opening}>opening {openingWeights}…</span>}
        {session.kind === 'starting' && <span>starting…</span>}
        {session.kind === 'failed' && <span>not ready</span>}
        {session.kind === 'ready' && <PacksButton>{session.pack.name}</PacksButton>}
        <span className={styles.sent}>nothing is sent</span>
      </p>
      <div className={styles.end}>
        <ThemeButton />
        <Shortcuts />
        <SaveMenu />
      </div>
    </header>
  );
}
