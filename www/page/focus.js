// Moves the focus to what a change adds to the page.

/**
 * Focuses an element after the next frame has drawn the page.
 *
 * @param {() => Element | null | undefined} find Called when the page is drawn. Without an element the focus stays where it is.
 */
export function focusAfterDrawing(find) {
  requestAnimationFrame(() => {
    const element = find();
    if (element instanceof HTMLElement) element.focus();
  });
}
