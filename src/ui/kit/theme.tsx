/** Dark or light: dark until the person chooses, then remembered in this browser. */
import { useState } from 'react';
import { Icon } from './icons.tsx';
import styles from './theme.module.css';

type Theme = 'dark' | 'light';
const ITEM = 'statuette.theme';

function remembered(): Theme {
  try {
    return localStorage.getItem(ITEM) === 'light' ? 'light' : 'dark';
  } catch {
    // Storage refused.
    return 'dark';
  }
}

/** Before the first paint: nothing flashes. */
export function applyTheme(theme = remembered()): void {
  document.documentElement.dataset.theme = theme;
}

export function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(remembered);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className={styles.theme}
      aria-label={`${other === 'light' ? 'Light' : 'Dark'} theme`}
      title={`${other === 'light' ? 'Light' : 'Dark'} theme`}
      data-testid="theme"
      onClick={() => {
        setTheme(other);
        applyTheme(other);
        try {
          localStorage.setItem(ITEM, other);
        } catch {
          // Storage refused: the choice holds until the page is left.
        }
      }}
    >
      <Icon name={other === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}
