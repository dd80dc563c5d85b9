//! Builds the JSON of flows, sources and applications, as Flowdock documents it, and of grants and sessions, which are
//! this inbox's own.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::domain::flow::{FIRST_FLOW, FIRST_ORGANIZATION};
use crate::domain::grant::GrantSummary;
use crate::domain::session::Session;
use crate::domain::{Application, Flow, Organization, Source, ThreadCounts, owner};

/// The JSON of a flow and its organisation.
pub fn flow(flow: &Flow, base_url: &str) -> Value {
    let url = flow_url(flow, base_url);
    json!({
        "id": flow.id,
        "name": flow.name,
        "parameterized_name": flow.parameterized_name,
        "organization": organization(&flow.organization, base_url),
        "open": true,
        "joined": true,
        "url": url,
        "web_url": web_url(flow, base_url),
        "links": { "sources": { "url": format!("{url}/sources"), "methods": ["GET", "POST"] } },
    })
}

/// The JSON of an organisation.
pub fn organization(organization: &Organization, base_url: &str) -> Value {
    json!({
        "id": organization.id,
        "name": organization.name,
        "parameterized_name": organization.parameterized_name,
        "active": true,
        "url": format!("{base_url}/organizations/{}", organization.parameterized_name),
    })
}

/// The URL at which the demo page shows the flow. Without a fragment it shows the first one.
fn web_url(flow: &Flow, base_url: &str) -> String {
    let (organization, flow) = (&flow.organization.parameterized_name, &flow.parameterized_name);
    if (organization.as_str(), flow.as_str()) == (FIRST_ORGANIZATION, FIRST_FLOW) {
        format!("{base_url}/")
    } else {
        format!("{base_url}/#organization={organization}&flow={flow}")
    }
}

fn flow_url(flow: &Flow, base_url: &str) -> String {
    format!("{base_url}/flows/{}/{}", flow.organization.parameterized_name, flow.parameterized_name)
}

/// The JSON of a source, without its flow token.
pub fn source(source: &Source, base_url: &str) -> Value {
    let application = &source.application;
    json!({
        "id": source.id,
        "name": source.name,
        "url": format!("{}/sources/{}", flow_url(&source.flow, base_url), source.id),
        "external_url": source.external_url,
        "error_message": source.error_message,
        "configuration_url": source.configuration_url,
        "created_at": iso(source.created_ms),
        "updated_at": iso(source.updated_ms),
        "_links": {},
        "application": {
            "id": application.id,
            "name": application.name,
            "icon_url": application.icon_url,
            "url": application_url(application.id, base_url),
            "configuration_uri": application.configuration_uri,
        },
        "creator": owner::creator(base_url),
    })
}

/// The JSON of a source as its flow's owner gets it: with the time of its last message.
pub fn source_for_owner(source: &Source, base_url: &str) -> Value {
    let mut shape = self::source(source, base_url);
    shape["last_message_at"] = source.last_message_ms.map(iso).into();
    shape
}

/// The JSON of an application, without its client secret.
pub fn application(application: &Application, base_url: &str) -> Value {
    let profile = &application.profile;
    json!({
        "id": application.id,
        "name": profile.name,
        "url": application_url(application.id, base_url),
        "icon_url": profile.icon_url,
        "client_id": application.credentials.client_id,
        "redirect_uris": profile.redirect_uris,
        "setup_uri": profile.setup_uri,
        "configuration_uri": profile.configuration_uri,
    })
}

fn application_url(id: i64, base_url: &str) -> String {
    format!("{base_url}/oauth/applications/{id}")
}

/// The JSON of the numbers of threads.
pub fn thread_counts(counts: &ThreadCounts) -> Value {
    json!({
        "threads": counts.threads,
        "statuses": counts.statuses.iter().map(|(color, threads)| json!({ "color": color, "threads": threads })).collect::<Vec<_>>(),
        "sources": counts.sources.iter().map(|(id, threads)| json!({ "id": id, "threads": threads })).collect::<Vec<_>>(),
        "tags": counts.tags.iter().map(|(tag, messages)| json!({ "tag": tag, "messages": messages })).collect::<Vec<_>>(),
        "last_message_id": counts.last_message_id,
    })
}

/// The JSON of a grant.
pub fn grant(grant: &GrantSummary) -> Value {
    json!({
        "id": grant.id,
        "application": { "id": grant.application, "name": grant.application_name },
        "scopes": grant.scopes.split(' ').collect::<Vec<_>>(),
        "created_at": (grant.created_ms > 0).then(|| iso(grant.created_ms)),
    })
}

/// The JSON of a session, without its token. `current` is the id of the session that asks.
pub fn session(session: &Session, current: Option<i64>) -> Value {
    json!({
        "id": session.id,
        "browser": session.browser,
        "current": current == Some(session.id),
        "created_at": iso(session.created_ms),
        "renewed_at": iso(session.renewed_ms),
        "expires_at": iso(session.expires_ms),
    })
}
