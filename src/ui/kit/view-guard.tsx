/**
 * Keeps the page usable when a view breaks (its code could not be loaded, the 3D context was refused): says so in the
 * view's place and offers to try again. Everything else stays on screen.
 */
import { Component, type ReactNode } from 'react';
import styles from './view-guard.module.css';

interface Props {
  /** A new value forgets the error, for instance another view. */
  readonly of: string;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
  readonly of: string;
}

/** three.js' own words, whatever the reason. */
const NO_WEBGL = /WebGL context/;

/** What went wrong, and what to do. */
function wordsFor({ message }: Error): readonly [what: string, fix: string] {
  return NO_WEBGL.test(message)
    ? [
        'The browser gives this page no 3D graphics (WebGL).',
        'Your figure is made and can be saved; Photo, Parts and Maps show it, too. To turn it here, switch hardware acceleration on in the browser’s settings, or open the page in another browser.',
      ]
    : [message, 'Your figure is safe. Try again, or reload the page if it happens again.'];
}

export class ViewGuard extends Component<Props, State> {
  override state: State = { error: null, of: this.props.of };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.of === state.of ? null : { error: null, of: props.of };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    const [what, fix] = wordsFor(this.state.error);
    return (
      <div className={styles.broken} role="alert" data-testid="view-broken">
        <p className={styles.what}>This view could not be shown.</p>
        <p>{what}</p>
        <p>{fix}</p>
        <button type="button" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
