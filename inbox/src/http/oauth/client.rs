//! Authenticates an application at the endpoints for tokens.

use axum::http::{HeaderMap, header};

use super::error::TokenError;
use crate::app::App;
use crate::domain::Application;
use crate::http::auth::{self, ClientNetwork};
use crate::http::body::Fields;

/// Finds the application by its client id and checks its client secret. They may come in HTTP Basic or in the fields,
/// but not in both.
pub async fn authenticate(
    app: &App,
    ClientNetwork(network): ClientNetwork,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Application, TokenError> {
    let in_fields = (fields.get("client_id"), fields.get("client_secret"));
    let (client_id, client_secret) = match headers.get(header::AUTHORIZATION) {
        Some(authorization) => {
            let basic = authorization.to_str().ok().and_then(auth::basic);
            // RFC 6749, 2.3.1, form-encodes both. They need no decoding, since ours are hexadecimal digits.
            let (id, secret) = basic.ok_or_else(|| TokenError::invalid_client(true))?;
            if in_fields.1.is_some() || in_fields.0.is_some_and(|other| other != id) {
                return Err(TokenError::invalid_request("The client authenticates in two ways at once"));
            }
            (id, secret)
        }
        None => {
            let (Some(id), Some(secret)) = in_fields else { return Err(TokenError::invalid_client(false)) };
            (id.to_owned(), secret.to_owned())
        }
    };
    let found = app.store.application_by_client_id(&client_id).await?;
    match found.filter(|found| found.credentials.has_secret(&client_secret)) {
        Some(application) => Ok(application),
        None => {
            app.wrong_tokens.count(network)?;
            Err(TokenError::invalid_client(headers.contains_key(header::AUTHORIZATION)))
        }
    }
}
