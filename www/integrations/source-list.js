// The sources of the flow: what may post to it, and what is wrong with it.

import { connection } from "../connection/connection.js";
import { flowPath, request } from "../page/api.js";
import { confirmed } from "../page/dialog.js";
import { icon } from "../page/icons.js";
import { html, nothing, outwards, repeat } from "../page/render.js";
import { webUrl, withQuery } from "../page/text.js";
import { ago } from "../page/time.js";
import { entryOf, removeEntry } from "./attempt.js";
import { lists } from "./lists.js";
import { markView } from "./mark.js";
import { dropSecrets } from "./secrets.js";

/** @import { ApiFlow, Source } from "./lists.js" */

export function sourceListView() {
  const { flow, sources } = lists();
  return html`<section aria-labelledby="sources-heading">
    <h3 id="sources-heading">Sources</h3>
    <p class="hint">What may post to this flow.</p>
    <ul id="sources" class="entries" aria-label="Sources">
      ${repeat(
        sources,
        ({ id }) => id,
        (source) => sourceView(source, flow),
      )}
    </ul>
    <p id="no-sources" class="no-entries" ?hidden=${sources.length > 0 || !flow}>No sources yet. Add one to let a tool post.</p>
  </section>`;
}

/**
 * @param {Source} source
 * @param {ApiFlow | undefined} flow
 */
function sourceView(source, flow) {
  const { id, name, application, error_message: error, last_message_at: lastMessage } = source;
  const external = webUrl(source.external_url);
  const configure = webUrl(source.configuration_url ?? application.configuration_uri);
  return html`<li class="entry" data-source-id=${id} ?data-failing=${Boolean(error)}>
    ${markView(name)}
    <p class="named">
      <b dir="auto">${external ? outwards(external, name) : name}</b>
      <small dir="auto">${application.name}</small>
    </p>
    <p class="fact">${lastMessageView(lastMessage)}</p>
    <p class="fact">${error ? html`<b class="failing">${icon("warning")} Error</b>` : "No error"}</p>
    ${error ? html`<p class="source-error" dir="auto">${error}</p>` : nothing}
    <p class="buttons">
      ${
        configure
          ? html`<a
              class="button quiet"
              href=${withQuery(configure, { integration_id: id, flow: flow?.id })}
              target="_blank"
              rel="noopener noreferrer nofollow"
              aria-label="Configure ${name}"
              >Configure ${icon("out")}</a>`
          : nothing
      }
      <button type="button" class="quiet" data-ends aria-label="Remove ${name}" @click=${(/** @type {Event} */ event) => remove(source, entryOf(event))}>
        Remove
      </button>
    </p>
  </li>`;
}

/** @param {Source["last_message_at"]} time An inbox that does not tell it gives undefined. */
function lastMessageView(time) {
  if (time === undefined) return nothing;
  return time === null ? "No message yet" : html`Last message ${ago(time)}`;
}

/**
 * @param {Source} source
 * @param {Element | null} entry
 */
async function remove({ id, name }, entry) {
  const asked = connection();
  const isSure = await confirmed({
    title: `Remove ${name}?`,
    text: "Posts with its token are refused with status 410. Its messages stay in the inbox.",
    yes: "Remove the source",
  });
  if (!isSure) return;
  await removeEntry(entry, async () => {
    await request(asked, "DELETE", `${flowPath(asked)}/sources/${id}`);
    dropSecrets({ kind: "source", id, baseUrl: asked.baseUrl });
  });
}
