/** A small clay figure and the name. */
import styles from './logo.module.css';

export function Logo() {
  return (
    <span className={styles.logo}>
      <svg width="14" height="24" viewBox="0 0 14 24" aria-hidden="true" focusable="false">
        <defs>
          <linearGradient id="logo-clay" x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="#f6dfce" />
            <stop offset="1" stopColor="#e2a47c" />
          </linearGradient>
        </defs>
        <circle cx="7" cy="3.6" r="2.9" fill="#eec1a0" />
        <path
          d="M2.200 10.900c0-2.200 1.800-3.500 4.800-3.500s4.800 1.300 4.800 3.500v3.100l-1.500 2v5.600c0 .8-.6 1.400-1.400 1.400H5.100c-.8 0-1.400-.6-1.400-1.400V16l-1.500-2z"
          fill="url(#logo-clay)"
        />
      </svg>
      <span data-word>Statuette</span>
    </span>
  );
}
