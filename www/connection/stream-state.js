// The state of the stream, which several views show.

import { redraw } from "../page/redraw.js";

/** @import { StreamState } from "./stream.js" */

/** @type {StreamState} */
let state = { name: "connecting" };

export const streamState = () => state;

/** @param {StreamState} newState */
export function setStreamState(newState) {
  state = newState;
  redraw();
}
