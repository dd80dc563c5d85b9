//! The SELECTs that both engines share: which columns make a flow, a source or a thread, and from which tables they come.

/// The columns of a flow, from `flows` joined with `organizations`.
const FLOW: &str = "flows.key, flows.id, flows.name, flows.parameterized_name, \
     organizations.key, organizations.name, organizations.parameterized_name";

/// Selects the columns of an organisation.
pub const ORGANIZATION: &str = "SELECT key, name, parameterized_name FROM organizations";

/// Selects the flows for which `condition` is true, without those that were removed.
pub fn flows(condition: &str) -> String {
    format!(
        "SELECT {FLOW} FROM flows JOIN organizations ON organizations.key = flows.organization
         WHERE flows.removed_at IS NULL AND {condition}"
    )
}

/// Selects the sources for which `condition` is true. Their first columns are those of their flow.
pub fn sources(condition: &str) -> String {
    format!(
        "SELECT {FLOW}, sources.key, sources.name, sources.external_url, sources.error_message, sources.configuration_url,
                sources.created_at, sources.updated_at, sources.last_message_at, sources.removed_at IS NOT NULL,
                applications.key, applications.name, applications.icon, applications.configuration_uri,
                sources.token_hash
         FROM sources
         JOIN flows ON flows.key = sources.flow
         JOIN organizations ON organizations.key = flows.organization
         JOIN applications ON applications.key = sources.application
         WHERE {condition}
         ORDER BY sources.key"
    )
}

/// The columns of a thread with its newest state and its application.
pub const THREAD: &str = "
    threads.id, thread_states.state, threads.state_version, applications.key, applications.name, applications.icon,
    threads.activities, threads.internal_comments, threads.external_comments, threads.created_at, threads.updated_at";
