/**
 * Keeps keyboard focus when the focused thing goes from the page or can no longer be used: the sample that opened the studio,
 * Cancel once it has become "Run again", a message that was closed. Focus goes to what is left nearest to it: the first
 * usable thing in the closest container that is still there, or what carries `data-focus-home`.
 */

const USABLE =
  'button:not(:disabled):not([tabindex="-1"]), [href], input:not(:disabled):not([tabindex="-1"]), select:not(:disabled), [tabindex="0"]';
/** A new page may take this long to come in the place of the old one, ms (its code is loaded first). */
const PATIENCE_MS = 10_000;

const isShown = (element: HTMLElement) => element.getClientRects().length > 0;

function homeIn(root: ParentNode): HTMLElement | null {
  return root.querySelector<HTMLElement>('[data-focus-home]');
}

/** The closest of the containers that is still on the page and has something to focus. */
function nearest(chain: readonly Element[], root: HTMLElement): HTMLElement | null {
  for (const container of chain) {
    if (!container.isConnected || container === root || container.contains(root)) continue;
    if (container.hasAttribute('data-focus-home')) return container as HTMLElement;
    const usable = [...container.querySelectorAll<HTMLElement>(USABLE)].find(isShown);
    if (usable) return usable;
  }
  return homeIn(root);
}

/** @param root of the app. @returns ends it. */
export function keepFocus(root: HTMLElement): () => void {
  /** The focused element's ancestors, innermost first, as they were while it was there. */
  let chain: Element[] = [];
  let lost: { readonly chain: readonly Element[]; readonly sinceMs: number } | null = null;

  function onFocus(event: FocusEvent): void {
    lost = null;
    chain = [];
    for (let at = event.target as Element | null; at && at !== document.body; at = at.parentElement)
      chain.push(at);
  }

  /** Components that know better where it belongs come first: this looks two frames later. */
  let planned = false;

  function isNowhere(): boolean {
    const active = document.activeElement;
    return active === null || active === document.body;
  }

  function restore(): void {
    planned = false;
    if (!lost || !isNowhere()) return;
    if (performance.now() - lost.sinceMs > PATIENCE_MS) {
      lost = null;
      return;
    }
    const next = nearest(lost.chain, root);
    if (next?.isConnected) next.focus({ preventScroll: true });
  }

  function onChange(): void {
    const [focused] = chain;
    if (focused && isNowhere() && (!focused.isConnected || focused.matches(':disabled'))) {
      // A dialog has its own ways with the focus (focusIfLost in the packs), and keeps it inside.
      const isInDialog = chain.some((at) => at instanceof HTMLDialogElement && at.open && at.isConnected);
      lost = isInDialog ? null : { chain: chain.slice(1), sinceMs: performance.now() };
      chain = [];
    }
    if (!lost || planned) return;
    planned = true;
    requestAnimationFrame(() => requestAnimationFrame(restore));
  }

  /** A click into nothing takes the focus away on purpose. */
  function onDown(): void {
    chain = [];
    lost = null;
  }

  const observer = new MutationObserver(onChange);
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
  root.addEventListener('focusin', onFocus);
  root.addEventListener('pointerdown', onDown, true);
  return () => {
    observer.disconnect();
    root.removeEventListener('focusin', onFocus);
    root.removeEventListener('pointerdown', onDown, true);
  };
}
