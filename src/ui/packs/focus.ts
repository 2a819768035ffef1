/**
 * The button that had the focus is gone after a change of the store: on to the first element that the selector finds,
 * unless the person is elsewhere by now. What the store changes is on the page in the next frame.
 */
export function focusIfLost(selector: string) {
  requestAnimationFrame(() => {
    const active = document.activeElement;
    if (active === document.body || active instanceof HTMLDialogElement) {
      document.querySelector<HTMLElement>(selector)?.focus();
    }
  });
}
