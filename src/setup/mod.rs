//! Setting up a source, without I/O: OAuth 2.0, the flow and its sources.
//!
//! [`OAuth`] and [`FlowdockApi`] make requests. A program with an HTTP client sends them and passes the answers to
//! [`ApiRequest::read`]. The steps are those of the guide. First a user comes to the application's setup URI
//! ([`Visit`]) and is sent to [`OAuth::authorize_url`]. The user comes back with a code, which is exchanged for
//! [`Tokens`]. With the access token the application finds the flow and makes its source. The answer to that contains
//! the source's flow token, which no later answer shows again.

mod api;
mod form;
mod oauth;
mod operation;
mod request;
mod tokens;
mod visit;
pub(crate) use api::check_access_token;
pub use api::{Flow, FlowPath, FlowdockApi, FlowdockApiOptions, NewSource, Organization, Source, SourceChange};
pub(crate) use oauth::check_redirect_uri;
pub use oauth::{Authorization, OAuth, OAuthOptions, OUT_OF_BAND, read_callback};
pub(crate) use operation::operation;
pub use request::{Answer, ApiRequest, SetupError};
pub(crate) use request::{asked, check, unreadable};
pub use tokens::Tokens;
pub use visit::Visit;
