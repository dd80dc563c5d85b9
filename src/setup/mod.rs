//! Setting a source up, without I/O: OAuth 2.0, the flow, its sources.
//!
//! [`OAuth`] and [`FlowdockApi`] make requests; whoever has an HTTP client sends them and gives the answer to
//! [`ApiRequest::read`]. The way is that of the guide: a user comes to the application's setup URI ([`Visit`]), is sent to
//! [`OAuth::authorize_url`], comes back with a code, which is exchanged for [`Tokens`]; with the access token the
//! application finds the flow and makes its source, whose flow token is shown this one time.

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
