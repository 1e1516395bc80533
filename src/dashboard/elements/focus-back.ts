/**
 * Takes the focus to an element after an overlay has closed that could not give it back: what it was opened from is gone,
 * or it was opened by a link.
 */
export function focusUnlessElsewhere(find: () => HTMLElement | null | undefined): void {
  // An overlay gives the focus back in the first frame after it is gone.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) find()?.focus();
    }),
  );
}
