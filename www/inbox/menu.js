// What can be done with a thread.

import { connection } from "../connection/connection.js";
import { go } from "../page/address.js";
import { flowPath, reasonOf, request } from "../page/api.js";
import { confirmed } from "../page/dialog.js";
import { html } from "../page/render.js";
import { toast } from "../page/toast.js";
import { removeThread } from "./flow.js";
import { threadPath } from "./flow-request.js";
import { titleOf } from "./row.js";
import { markRead, markUnread } from "./unread.js";

/** @import { InboxThread } from "./thread-state.js" */

/** @param {InboxThread} thread */
export function threadMenu(thread) {
  return html`<button type="button" class="quiet" id="mark-unread" @click=${() => leaveUnread(thread)}>Mark as unread</button>
    <button type="button" class="quiet" id="remove-thread" @click=${() => remove(thread)}>Remove …</button>`;
}

/** Marks the thread as unread and leaves it. @param {InboxThread} thread */
export function leaveUnread(thread) {
  go({ thread: "" });
  markUnread(thread);
  toast("Marked as unread", { button: "Undo", act: () => markRead(thread) });
}

/** @param {InboxThread} thread */
async function remove(thread) {
  const title = titleOf(thread);
  const text =
    "This also removes its messages and files, and cannot be undone. The next message with the same external thread id starts a new thread.";
  if (!(await confirmed({ title: `Remove “${title}”?`, text, yes: "Remove the thread" }))) return;
  try {
    await request(connection(), "DELETE", `${flowPath(connection())}${threadPath(thread.id)}`);
    go({ thread: "" });
    removeThread(thread.id);
    toast(`“${title}” was removed.`);
  } catch (error) {
    toast(`Not removed: ${reasonOf(error)}`);
  }
}
