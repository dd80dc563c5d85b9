//! The other names of the API's paths: with the prefix `/v1`, with the suffix `.json`, and with `integrations` for sources.
//!
//! Tools that were written for Flowdock use them. Only paths of Flowdock's API have other names, so a file of `--www` keeps its
//! own, whatever it is.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The first segments of the API's paths that have other names. A path of the inbox alone, such as `/session`, has none.
const ROOTS: [&str; 10] =
    ["activities", "comments", "files", "flows", "messages", "oauth", "organizations", "sources", "user", "users"];

/// Gives a request the path that the routes use.
pub async fn resolve(mut request: Request) -> Request {
    let uri = request.uri();
    if let Some(path) = canonical(uri.path()) {
        let path_and_query = match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path,
        };
        let mut parts = uri.clone().into_parts();
        // The new path consists of parts of a valid path, so neither call can fail.
        parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// The path that the routes use for this path. `None` if it is the path itself.
fn canonical(path: &str) -> Option<String> {
    let short = path.strip_prefix("/v1").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    // The name of a file may end in anything.
    let is_file = short.starts_with("/files/");
    let short = if is_file { short } else { short.strip_suffix(".json").unwrap_or(short) };
    let mut segments: Vec<&str> = short.split('/').skip(1).collect();
    if !segments.first().is_some_and(|root| ROOTS.contains(root)) {
        return None;
    }
    if let ["flows", _, _, sources @ "integrations", ..] = segments.as_mut_slice() {
        *sources = "sources";
    }
    let canonical = format!("/{}", segments.join("/"));
    (canonical != path).then_some(canonical)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn only_paths_of_the_api_have_other_names() {
        for (path, expected) in [
            ("/v1/messages", Some("/messages")),
            ("/flows.json", Some("/flows")),
            ("/v1/organizations.json", Some("/organizations")),
            ("/v1/flows/a/b/messages.json", Some("/flows/a/b/messages")),
            ("/v1/messages/chat/t,u.json", Some("/messages/chat/t,u")),
            ("/flows/a/b/integrations", Some("/flows/a/b/sources")),
            ("/v1/flows/a/b/integrations/7.json", Some("/flows/a/b/sources/7")),
            ("/flows/a/integrations", None),
            ("/v1/files/1/f/data.json", Some("/files/1/f/data.json")),
            ("/files/1/f/data.json", None),
            ("/flows/a/b", None),
            ("/messages", None),
            ("/v1/v1/messages", None),
            ("/v10/messages", None),
            ("/v1", None),
            ("/v1/", None),
            ("/v1/data.json", None),
            ("/data/flows.json", None),
            ("/session.json", None),
            ("//flows.json", None),
            ("*", None),
        ] {
            assert_eq!(canonical(path).as_deref(), expected, "{path}");
        }
    }
}
