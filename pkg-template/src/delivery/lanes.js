// Lanes: the messages of one thread are posted one after another, in their order.
//
// Each name of a thread has a lane. A message with both names of its thread stands in two lanes.

/**
 * A message in its lanes. Its turn has come when no message is before it.
 *
 * @typedef {object} Turn
 * @property {string[]} lanes The names of the lanes.
 * @property {number} before In how many of them a message before it has not left.
 * @property {Turn[]} behind The next turn in each lane.
 * @property {boolean} hasLeft
 * @property {(() => void) | undefined} onCome Called when the turn has come, if it had not at `join`.
 */

export class Lanes {
  /**
   * The last turn in each lane.
   *
   * @type {Map<string, Turn>}
   */
  #last = new Map();

  /**
   * Joins the end of lanes.
   *
   * @param {string[]} lanes
   * @returns {Turn} To be given to `leave`.
   */
  join(lanes) {
    /** @type {Turn} */
    const turn = { lanes, before: 0, behind: [], hasLeft: false, onCome: undefined };
    for (const lane of lanes) {
      const last = this.#last.get(lane);
      if (last) {
        last.behind.push(turn);
        turn.before += 1;
      }
      this.#last.set(lane, turn);
    }
    return turn;
  }

  /**
   * Leaves the lanes, perhaps before the turn has come: then those behind it wait for those before it all the same.
   *
   * @param {Turn} turn
   */
  leave(turn) {
    turn.hasLeft = true;
    /** The turns that end now. The list grows in the loop, as a lane may be longer than the stack is deep. */
    const ending = turn.before > 0 ? [] : [turn];
    for (const turn of ending) {
      for (const lane of turn.lanes) if (this.#last.get(lane) === turn) this.#last.delete(lane);
      for (const next of turn.behind) {
        next.before -= 1;
        if (next.before > 0) continue;
        if (next.hasLeft) ending.push(next);
        else next.onCome?.();
      }
    }
  }
}
