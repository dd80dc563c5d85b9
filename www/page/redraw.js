// Draws the page after a change: once for each frame, however many changes there were.

let draw = () => {};
let isAsked = false;

// A frame that was asked for before the tab was hidden comes only when it is shown again.
document.addEventListener("visibilitychange", () => {
  isAsked = false;
  redraw();
});

/**
 * Sets the function that draws the whole page, and draws it.
 *
 * @param {() => void} drawPage
 */
export function drawWith(drawPage) {
  draw = drawPage;
  draw();
}

/** The delay before a hidden tab is redrawn. It gets no animation frames, but its title shows the unread count. */
const HIDDEN_MS = 1_000;

/** Draws the page in the next frame. */
export function redraw() {
  if (isAsked) return;
  isAsked = true;
  const drawOnce = () => {
    isAsked = false;
    draw();
  };
  if (document.hidden) setTimeout(drawOnce, HIDDEN_MS);
  else requestAnimationFrame(drawOnce);
}
