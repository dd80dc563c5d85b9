//! Sends the request of an action to its URL. Anybody who has a flow token could have written that URL.
//!
//! An inbox runs on a machine or in a network of its team, and so do most services that post to it. So calls to
//! loopback and private addresses must be allowed. The following rules keep an action from giving access to the
//! network:
//!
//! - Only the owner's click causes a call.
//! - A call uses http or https, and follows no redirect.
//! - The page gets only the status and a login URL of the answer, never its headers or its body.
//! - Link-local addresses are refused. No service of a team has one, but the metadata service of a cloud, which holds
//!   credentials, does.
//! - A host name is looked up once, and the connection goes to the address that was checked.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::challenge;

/// How many bytes of an answer's body are read and discarded. So a service with a short answer can send all of it
/// before the connection closes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No request can be made of the URL.
    #[error("The address of the action cannot be called")]
    Address,
    /// The host has a link-local address, which is never called.
    #[error("The address of the action is link-local, which is never called")]
    Forbidden,
    /// The host name has no address.
    #[error("The host of the action is not known")]
    Unknown,
    /// Nothing listens at the address, or the connection failed.
    #[error("The service cannot be reached")]
    Unreachable,
    /// The service has no certificate that this machine trusts.
    #[error("No secure connection to the service is possible")]
    Tls,
    /// The answer is not HTTP, or the connection broke.
    #[error("The service gave no answer that could be read")]
    Unreadable,
    /// The time limit passed. The service may still have performed the action.
    #[error("The service did not answer in time")]
    Timeout,
}

/// The answer of a service.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The URL at which the service wants the user to log in.
    pub challenge: Option<String>,
}

/// A request that is ready to be sent.
pub struct Request {
    scheme: Scheme,
    authority: Authority,
    request: hyper::Request<Full<Bytes>>,
}

impl Request {
    /// Builds a request with a FLOWDOCK-TOKEN.
    pub fn new(method: &str, url: &str, token: &str, body: String) -> Result<Request, CallError> {
        let parts = url.parse::<Uri>().map_err(|_| CallError::Address)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(CallError::Address) };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(CallError::Address);
        }
        let host_and_port = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
        let request = hyper::Request::builder()
            .method(Method::from_bytes(method.as_bytes()).map_err(|_| CallError::Address)?)
            .uri(parts.path_and_query.map_or("/".to_owned(), |path| path.to_string()))
            .header(header::HOST, host_and_port)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
            .header(header::USER_AGENT, concat!("flowdock-inbox/", env!("CARGO_PKG_VERSION")))
            .header(header::CONNECTION, "close")
            .header("flowdock-token", token)
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| CallError::Address)?;
        Ok(Request { scheme, authority, request })
    }

    fn port(&self) -> u16 {
        let usual = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(usual)
    }

    /// The host as a name or an address; an IPv6 address without its brackets.
    fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }
}

/// Sends requests to services.
#[derive(Clone, Default)]
pub struct Client {
    /// Created at the first call over https, because reading all certificates takes a moment.
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Client {
    /// Sends a request and waits for the answer. `timeout` limits the whole exchange. Dropping the future ends the
    /// request.
    pub async fn send(&self, request: Request, timeout: Duration) -> Result<Answer, CallError> {
        let deadline = Instant::now() + timeout;
        let stream = timeout_at(deadline, self.connect(&request)).await.map_err(|_| CallError::Timeout)??;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| CallError::Unreadable)?;
        let exchange = async {
            let response = timeout_at(deadline, sender.send_request(request.request)).await;
            let response = response.map_err(|_| CallError::Timeout)?.map_err(|_| CallError::Unreadable)?;
            let (head, body) = response.into_parts();
            // The status is known. If the rest of the body fails, that changes nothing.
            let _ = timeout_at(deadline, discard(body)).await;
            Ok(Answer { status: head.status, challenge: challenge::login_url(&head.headers) })
        };
        tokio::pin!(exchange, connection);
        tokio::select! {
            answer = &mut exchange => answer,
            // The connection may end before the exchange has read its answer.
            _ = &mut connection => exchange.await,
        }
    }

    async fn connect(&self, request: &Request) -> Result<Box<dyn Stream>, CallError> {
        let addresses = tokio::net::lookup_host((request.host(), request.port()));
        let addresses: Vec<SocketAddr> = addresses.await.map_err(|_| CallError::Unknown)?.collect();
        if addresses.iter().any(|address| is_link_local(address.ip())) {
            return Err(CallError::Forbidden);
        }
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|_| CallError::Unreachable)?;
        if request.scheme == Scheme::HTTP {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(request.host().to_owned()).map_err(|_| CallError::Address)?;
        let stream = TlsConnector::from(self.tls()).connect(name, stream).await.map_err(|_| CallError::Tls)?;
        Ok(Box::new(stream))
    }

    fn tls(&self) -> Arc<ClientConfig> {
        let config = || -> Result<ClientConfig, tokio_rustls::rustls::Error> {
            let mut roots = RootCertStore::empty();
            // A certificate that cannot be read is not trusted.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
            Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
        };
        Arc::clone(self.tls.get_or_init(|| Arc::new(config().expect("the provider knows the default versions of TLS"))))
    }
}

/// A connection with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn discard(body: Incoming) {
    let mut body = Limited::new(body, MAX_ANSWER_BYTES);
    while let Some(Ok(_)) = body.frame().await {}
}

fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_are_recognised_in_every_form() {
        for (address, is_one) in [
            ("169.254.169.254", true),
            ("::ffff:169.254.169.254", true),
            ("fe80::1", true),
            ("127.0.0.1", false),
            ("::1", false),
            ("10.0.0.1", false),
            ("fd00::1", false),
        ] {
            assert_eq!(is_link_local(address.parse().expect("an address")), is_one, "{address}");
        }
    }
}
