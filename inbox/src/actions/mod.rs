//! Actions: the owner clicks on an UpdateAction of a thread, and the inbox sends the action to the service that offered
//! it.
//!
//! `sign` creates the FLOWDOCK-TOKEN and `call` sends the request, unless `address` forbids it. `challenge` reads the
//! answer of a service that wants a login first.

mod address;
mod call;
mod challenge;
mod request;
mod sign;

pub use call::{Answer, send};
pub use request::{CallError, Request};
