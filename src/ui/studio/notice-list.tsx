/** What the person should know about this run: guessed joints, fallbacks, weak mattes. */
import { useAppState } from '../app-context.tsx';
import { Section } from '../kit/readout.tsx';
import { STAGE_NAMES } from '../words.ts';
import styles from './notice-list.module.css';

export function NoticeList() {
  const notices = useAppState((s) => s.notices);
  if (notices.length === 0) return null;
  return (
    <Section title="Worth knowing">
      <ul className={styles.list} data-testid="notice-list">
        {notices.map((notice, i) => (
          <li key={i}>
            <b>{STAGE_NAMES[notice.stage]}.</b> {notice.text}
          </li>
        ))}
      </ul>
    </Section>
  );
}
