//! Users who come from Flowdock to set up a source or to configure one.

use super::form;
use crate::http::InvalidOption;

/// The query of an application's setup URI or configuration URI, when Flowdock opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The id of the flow (guide).
    pub flow: String,
    /// The URL of the flow in the API (seen).
    pub flow_url: Option<String>,
    /// The id of the source that the user wants to configure (guide).
    pub integration_id: Option<String>,
    /// The id of the source under the name `source`. It was seen beside `integration_id` or instead of it.
    pub source: Option<String>,
    /// The URL of the source in the API (seen).
    pub source_url: Option<String>,
}

impl Visit {
    /// Reads the setup URI with the query that Flowdock added.
    ///
    /// ```
    /// use flowdock_integration::setup::Visit;
    /// let visit = Visit::setup("https://app.example/setup?flow=deadbeef&flow_url=https%3A%2F%2Fapi.example%2Fflows%2Fa%2Fb")?;
    /// assert_eq!((visit.flow.as_str(), visit.flow_url.as_deref()), ("deadbeef", Some("https://api.example/flows/a/b")));
    /// # Ok::<(), flowdock_integration::InvalidOption>(())
    /// ```
    ///
    /// # Errors
    /// When `flow` is missing.
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

    /// Reads the configuration URI with the query that Flowdock added.
    ///
    /// # Errors
    /// When `flow` is missing, or when neither `integration_id` nor `source` names the source.
    pub fn configuration(url: &str) -> Result<Self, InvalidOption> {
        let visit = Self::setup(url)?;
        match visit.integration_id.is_some() || visit.source.is_some() {
            true => Ok(visit),
            false => Err(InvalidOption::new("integration_id", "is missing in the query")),
        }
    }
}
