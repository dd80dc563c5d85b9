//! `POST /oauth/revoke`: an application ends a token of its own (RFC 7009).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::client;
use super::error::TokenError;
use crate::app::App;
use crate::http::answer::json_value;
use crate::http::auth::ClientNetwork;
use crate::http::body::Fields;
use crate::secret;

/// Ends an access token, or a refresh token with everything else that its grant gave. The answer is the same for a token
/// that is unknown, so that nobody learns which tokens there are.
pub async fn revoke(State(app): State<App>, network: ClientNetwork, headers: HeaderMap, body: Body) -> Response {
    match end(&app, network, &headers, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            let mut response = json_value(error.status(), error.json());
            response.headers_mut().extend(error.headers());
            response
        }
    }
}

async fn end(app: &App, network: ClientNetwork, headers: &HeaderMap, body: Body) -> Result<(), TokenError> {
    let fields = Fields::read(headers, body).await?;
    let application = client::authenticate(app, network, headers, &fields).await?;
    let token = fields.get("token").ok_or_else(|| TokenError::invalid_request("`token` is missing"))?;
    Ok(app.store.revoke_token(secret::hash(token), application.id).await?)
}
