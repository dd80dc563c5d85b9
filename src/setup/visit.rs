//! Users who come from Flowdock, to set a source up or to configure one.

use super::form;
use crate::http::InvalidOption;

/// What the query says with which Flowdock opens the setup URI or the configuration URI of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The flow's id (guide).
    pub flow: String,
    /// The flow's address in the API (seen).
    pub flow_url: Option<String>,
    /// Which source is to be configured (guide).
    pub integration_id: Option<String>,
    /// The same, as it was seen beside or instead of it.
    pub source: Option<String>,
    /// The source's address in the API (seen).
    pub source_url: Option<String>,
}

impl Visit {
    /// Reads the setup URI as it was called.
    ///
    /// ```
    /// use flowdock_integration::setup::Visit;
    /// let visit = Visit::setup("https://app.example/setup?flow=deadbeef&flow_url=https%3A%2F%2Fapi.example%2Fflows%2Fa%2Fb")?;
    /// assert_eq!((visit.flow.as_str(), visit.flow_url.as_deref()), ("deadbeef", Some("https://api.example/flows/a/b")));
    /// # Ok::<(), flowdock_integration::InvalidOption>(())
    /// ```
    ///
    /// # Errors
    /// Without `flow`.
    pub fn setup(url: &str) -> Result<Self, InvalidOption> {
        let value = |name| form::value(form::query(url), name).filter(|value| !value.is_empty());
        Ok(Self {
            flow: value("flow").ok_or(InvalidOption::new("flow", "is missing in the query"))?,
            flow_url: value("flow_url"),
            integration_id: value("integration_id"),
            source: value("source"),
            source_url: value("source_url"),
        })
    }

    /// Reads the configuration URI as it was called.
    ///
    /// # Errors
    /// Without `flow`, or without a name for the source.
    pub fn configuration(url: &str) -> Result<Self, InvalidOption> {
        let visit = Self::setup(url)?;
        match visit.integration_id.is_some() || visit.source.is_some() {
            true => Ok(visit),
            false => Err(InvalidOption::new("integration_id", "is missing in the query")),
        }
    }
}
