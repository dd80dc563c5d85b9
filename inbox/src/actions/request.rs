//! Builds the signed request of an action.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::http::uri::{Authority, Scheme};
use hyper::{Method, Uri};
use serde_json::Value;

use super::sign;
use crate::domain::owner;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No request can be made of the URL.
    #[error("The address of the action cannot be called")]
    InvalidUrl,
    /// The host has an address that is never called.
    #[error("The address of the action is one that the inbox never calls")]
    Forbidden,
    /// The host name has no address.
    #[error("The host of the action is not known")]
    HostNotFound,
    /// Nothing listens at the address, or the connection failed.
    #[error("The service cannot be reached")]
    Unreachable,
    /// The service has no certificate that this machine trusts.
    #[error("No secure connection to the service is possible")]
    Tls,
    /// The answer is not HTTP, or the connection broke.
    #[error("The service gave no answer that could be read")]
    BadResponse,
    /// The time limit passed. The service may still have performed the action.
    #[error("The service did not answer in time")]
    Timeout,
}

/// A request that is ready to be sent.
pub struct Request {
    scheme: Scheme,
    authority: Authority,
    request: hyper::Request<Full<Bytes>>,
}

impl Request {
    /// Builds the request of a click: the action with its `agent`, signed with the secret of the application that offered
    /// the action. `click` is unique to the click.
    pub fn of(action: Value, agent: Value, secret: &str, now_ms: i64, click: &str) -> Result<Request, CallError> {
        let target = &action["target"];
        let url = expanded(target["urlTemplate"].as_str().unwrap_or_default());
        let method = target["httpMethod"].as_str().unwrap_or_default().to_owned();
        let mut action = action;
        action["agent"] = agent;
        let body = action.to_string();
        let token = sign::flowdock_token(secret, owner::ID, body.as_bytes(), now_ms, click);
        Request::new(&method, &url, &token, body)
    }

    fn new(method: &str, url: &str, token: &str, body: String) -> Result<Request, CallError> {
        let parts = url.parse::<Uri>().map_err(|_| CallError::InvalidUrl)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(CallError::InvalidUrl);
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(CallError::InvalidUrl);
        }
        let host_and_port = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
        let request = hyper::Request::builder()
            .method(Method::from_bytes(method.as_bytes()).map_err(|_| CallError::InvalidUrl)?)
            .uri(parts.path_and_query.map_or("/".to_owned(), |path| path.to_string()))
            .header(header::HOST, host_and_port)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
            .header(header::USER_AGENT, concat!("flowdock-inbox/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, "close")
            .header("flowdock-token", token)
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| CallError::InvalidUrl)?;
        Ok(Request { scheme, authority, request })
    }

    /// The scheme of the URL: http or https.
    pub fn scheme(&self) -> Scheme {
        self.scheme.clone()
    }

    /// The port of the URL.
    pub fn port(&self) -> u16 {
        let usual = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(usual)
    }

    /// The host as a name or an address; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The request itself.
    pub fn into_http(self) -> hyper::Request<Full<Bytes>> {
        self.request
    }
}

/// Expands a URL template (RFC 6570) without values for its variables: Flowdock documents no variables.
fn expanded(template: &str) -> String {
    let mut url = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, expression)) = rest.split_once('{') {
        url.push_str(before);
        rest = expression.split_once('}').map_or("", |(_, after)| after);
    }
    url + rest
}

#[cfg(test)]
mod tests {
    use super::expanded;

    #[test]
    fn variables_of_a_url_template_are_replaced_by_nothing() {
        for (template, url) in
            [("http://a/b?c", "http://a/b?c"), ("http://a/{id}/b{?x,y}", "http://a//b"), ("http://a/{", "http://a/")]
        {
            assert_eq!(expanded(template), url);
        }
    }
}
