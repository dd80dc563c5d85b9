//! Sends the request of an action to its URL. Anybody who has a flow token could have written that URL.
//!
//! The following rules limit what an action can do and learn in the network of the inbox:
//!
//! - Only the owner's click causes a call.
//! - A call uses http or https, and follows no redirect.
//! - The page gets only the status and the login URL of the answer.
//! - The addresses that [`address`] refuses are not called: those at which clouds hold credentials.
//! - A host name is looked up once, and the connection goes to the address that was checked.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::http::uri::Scheme;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::request::{CallError, Request};
use super::{address, challenge};
use crate::tls;

/// How many bytes of an answer's body are read and discarded. So a service with a short answer can send all of it
/// before the connection closes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The answer of a service.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The URL at which the service wants the user to log in.
    pub challenge: Option<String>,
}

/// Sends a request and waits for the answer. `timeout` limits the whole exchange. Dropping the future ends the
/// request.
pub async fn send(request: Request, timeout: Duration) -> Result<Answer, CallError> {
    let deadline = Instant::now() + timeout;
    let stream = timeout_at(deadline, connect(&request)).await.map_err(|_| CallError::Timeout)??;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| CallError::BadResponse)?;
    let exchange = async {
        let response = timeout_at(deadline, sender.send_request(request.into_http())).await;
        let response = response.map_err(|_| CallError::Timeout)?.map_err(|_| CallError::BadResponse)?;
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

async fn connect(request: &Request) -> Result<Box<dyn Stream>, CallError> {
    let addresses = tokio::net::lookup_host((request.host(), request.port()));
    let addresses: Vec<SocketAddr> = addresses.await.map_err(|_| CallError::HostNotFound)?.collect();
    if addresses.iter().any(|to| !address::is_allowed(to.ip())) {
        return Err(CallError::Forbidden);
    }
    let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|_| CallError::Unreachable)?;
    if request.scheme() == Scheme::HTTP {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(request.host().to_owned()).map_err(|_| CallError::InvalidUrl)?;
    let stream = TlsConnector::from(tls::client()).connect(name, stream).await.map_err(|_| CallError::Tls)?;
    Ok(Box::new(stream))
}

/// A connection with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn discard(body: Incoming) {
    let mut body = Limited::new(body, MAX_ANSWER_BYTES);
    while let Some(Ok(_)) = body.frame().await {}
}
