// Follows the flow of the connection.

import { follow } from "../connection/stream.js";
import { setStreamState } from "../connection/stream-state.js";
import { flowPath } from "../page/api.js";
import { catchUp, openFlow, receive } from "./flow.js";

/** @import { Connection } from "../connection/connection.js" */

let following = { stop() {}, tryNow() {} };
let followed = "";
/** Which flow is shown: another token for the same flow empties nothing. */
let shown = "";

/** Makes the next attempt to reconnect now. */
export const tryNow = () => following.tryNow();

// A machine that was asleep or without a network has one again.
addEventListener("online", tryNow);

/**
 * Follows the flow of a connection from now on, unless it is followed already.
 *
 * @param {Connection} connection
 */
export function startFollowing(connection) {
  const flow = `${connection.baseUrl}${flowPath(connection)}`;
  const wanted = JSON.stringify([flow, connection.token, connection.problem]);
  if (wanted === followed) return;
  followed = wanted;
  following.stop();
  if (flow !== shown) openFlow();
  shown = flow;
  // Does not wait for the stream: once that is open, the page reads what came between.
  if (connection.token !== "") catchUp();
  following = follow(connection, {
    state: setStreamState,
    opened: catchUp,
    message: receive,
  });
}
