//! Authenticates an application at the token endpoint.

use axum::http::{HeaderMap, header};

use super::token::TokenError;
use crate::auth;
use crate::body::Fields;
use crate::server::App;
use crate::store::{Application, applications, tokens};

/// Finds the application by its client id and checks its client secret. They may come in HTTP Basic or in the fields,
/// but not in both.
pub async fn authenticate(app: &App, headers: &HeaderMap, fields: &Fields) -> Result<Application, TokenError> {
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
    let found = app.store.call(move |database| applications::by_client_id(database, &client_id)).await?;
    found
        // Compares hashes, so that the time of the comparison reveals nothing about the secret.
        .filter(|found| tokens::hash(&found.credentials.client_secret) == tokens::hash(&client_secret))
        .ok_or_else(|| TokenError::invalid_client(headers.contains_key(header::AUTHORIZATION)))
}
