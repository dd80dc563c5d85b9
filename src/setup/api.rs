//! Flowdock's API as far as a source needs it: the flow, and the sources in it.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::operation::request;
use super::request::{Answer, ApiRequest};
use crate::http::{InvalidOption, Secret, check_base_url};

/// What [`FlowdockApi`] has to know.
#[derive(Clone)]
pub struct FlowdockApiOptions {
    base_url: String,
    access_token: String,
    allow_http: bool,
}

impl FlowdockApiOptions {
    /// The server, and an access token of [`Tokens`](super::Tokens).
    #[must_use]
    pub fn new(base_url: impl Into<String>, access_token: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), access_token: access_token.into(), allow_http: false }
    }

    /// Allows plain http to a host that is not loopback, where everybody on the way can read the token.
    #[must_use]
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }
}

impl fmt::Debug for FlowdockApiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowdockApiOptions").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Finds flows and looks after sources, with the permission of a user.
///
/// ```
/// use flowdock_integration::setup::{FlowPath, FlowdockApi, FlowdockApiOptions, SourceChange};
///
/// let api = FlowdockApi::new(FlowdockApiOptions::new("http://127.0.0.1:4400", "t0ken"))?;
/// let flow = FlowPath { organization: "example", flow: "main" };
/// let request = api.create_source(flow, "Helsinki Lunch Poll", None)?;
/// assert_eq!((request.method, request.url.as_str()), ("POST", "http://127.0.0.1:4400/flows/example/main/sources"));
/// let made = request.read(201, r#"{ "id": 3, "name": "Helsinki Lunch Poll", "flow_token": "1b609b5253" }"#)?;
/// assert_eq!((made.source.id.as_str(), made.flow_token.as_str()), ("3", "1b609b5253"));
///
/// let trouble = SourceChange { error_message: Some("the poll is gone"), ..SourceChange::default() };
/// assert_eq!(api.update_source(flow, &made.source.id, trouble)?.body, r#"{"error_message":"the poll is gone"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FlowdockApi {
    base: String,
    access_token: Option<Secret>,
}

/// A flow's place in the API, `/flows/:organization/:flow`: the names that stand in addresses, `parameterized_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowPath<'a> {
    /// That of the organisation.
    pub organization: &'a str,
    /// That of the flow.
    pub flow: &'a str,
}

/// What may be changed of a source; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceChange<'a> {
    /// What is wrong with the source, shown to the people in the flow; the empty text clears it (docs).
    pub error_message: Option<&'a str>,
    /// Where users configure it (docs).
    pub configuration_url: Option<&'a str>,
}

impl FlowdockApi {
    /// # Errors
    /// When an option cannot be used; it names the option and never prints a token. The access token may be empty, for
    /// [`update_source_by_token`](Self::update_source_by_token) alone.
    pub fn new(options: FlowdockApiOptions) -> Result<Self, InvalidOption> {
        let FlowdockApiOptions { base_url, access_token, allow_http } = options;
        let base = check_base_url(&base_url, allow_http)?.to_owned();
        check_access_token(&access_token)?;
        let access_token = Some(access_token).filter(|token| !token.is_empty()).map(Secret::new);
        Ok(Self { base, access_token })
    }

    /// The flow with this id, which the query of the setup URI names.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn find_flow(&self, id: &str) -> Result<ApiRequest<Flow>, InvalidOption> {
        self.request("findFlow", &[("id", id)])
    }

    /// All sources that the user may see.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn sources(&self) -> Result<ApiRequest<Vec<Source>>, InvalidOption> {
        self.request("sources", &[])
    }

    /// The sources of a flow.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn flow_sources(&self, flow: FlowPath<'_>) -> Result<ApiRequest<Vec<Source>>, InvalidOption> {
        self.request("flowSources", &flow.values())
    }

    /// Makes a source: the one answer that shows its flow token. Needs the scope `integration` (docs).
    ///
    /// `name` is what tells this source from others of the application, such as the project's name; `external_url` leads
    /// to it.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn create_source(
        &self,
        flow: FlowPath<'_>,
        name: &str,
        external_url: Option<&str>,
    ) -> Result<ApiRequest<NewSource>, InvalidOption> {
        let url = external_url.map(|url| ("externalUrl", url));
        let [organization, flow] = flow.values();
        let values: Vec<_> = [organization, flow, ("name", name)].into_iter().chain(url).collect();
        self.request("createSource", &values)
    }

    /// A source.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn source(&self, flow: FlowPath<'_>, id: &str) -> Result<ApiRequest<Source>, InvalidOption> {
        let [organization, flow] = flow.values();
        self.request("source", &[organization, flow, ("id", id)])
    }

    /// Changes a source.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn update_source(
        &self,
        flow: FlowPath<'_>,
        id: &str,
        change: SourceChange<'_>,
    ) -> Result<ApiRequest<Source>, InvalidOption> {
        let [organization, flow] = flow.values();
        let values: Vec<_> = [organization, flow, ("id", id)].into_iter().chain(change.values()).collect();
        self.request("updateSource", &values)
    }

    /// Changes a source by its flow token, without an access token (docs).
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn update_source_by_token(
        &self,
        flow_token: &str,
        change: SourceChange<'_>,
    ) -> Result<ApiRequest<Source>, InvalidOption> {
        let values: Vec<_> = [("flowToken", flow_token)].into_iter().chain(change.values()).collect();
        request("updateSourceByToken", &self.base, None, &values)
    }

    /// Removes a source: from then on its flow token gets a 410.
    ///
    /// # Errors
    /// When a name or an id is empty, or would lead elsewhere.
    pub fn delete_source(&self, flow: FlowPath<'_>, id: &str) -> Result<ApiRequest<()>, InvalidOption> {
        let [organization, flow] = flow.values();
        self.request("deleteSource", &[organization, flow, ("id", id)])
    }

    fn request<T>(&self, name: &str, values: &[(&str, &str)]) -> Result<ApiRequest<T>, InvalidOption> {
        request(name, &self.base, self.access_token.as_ref(), values)
    }
}

/// Whether a text can be an access token: what a header can hold, so that no HTTP client stumbles over it.
pub(crate) fn check_access_token(token: &str) -> Result<(), InvalidOption> {
    match token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(InvalidOption::new("accessToken", "must be a token without white space")),
    }
}

impl<'a> FlowPath<'a> {
    fn values(self) -> [(&'static str, &'a str); 2] {
        [("organization", self.organization), ("flow", self.flow)]
    }
}

impl<'a> SourceChange<'a> {
    fn values(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let message = self.error_message.map(|message| ("errorMessage", message));
        message.into_iter().chain(self.configuration_url.map(|url| ("configurationUrl", url)))
    }
}

/// A flow, read tolerantly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Flow {
    /// Its id, as in the query of the setup URI.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its name in addresses.
    pub parameterized_name: String,
    /// Whose it is.
    pub organization: Organization,
    /// Whatever else the server says of it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// An organisation, read tolerantly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Organization {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its name in addresses.
    pub parameterized_name: String,
    /// Whatever else the server says of it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A source, read tolerantly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Source {
    /// Its id, a number or a text on the wire: what a configuration URI names as `integration_id`.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Whatever else the server says of it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A source that was just made. Its `Debug` does not show its flow token.
#[derive(Clone, PartialEq, Deserialize)]
pub struct NewSource {
    /// The token for posting. Keep it: it is not shown again.
    pub flow_token: String,
    /// The source.
    #[serde(flatten)]
    pub source: Source,
}

fn id<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(id) => Ok(id),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err(serde::de::Error::custom("no id")),
    }
}

impl Flow {
    /// Its place in the API.
    #[must_use]
    pub fn path(&self) -> FlowPath<'_> {
        FlowPath { organization: &self.organization.parameterized_name, flow: &self.parameterized_name }
    }
}

impl fmt::Debug for NewSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSource").field("source", &self.source).finish_non_exhaustive()
    }
}

macro_rules! answers {
    ($($answer:ty),+) => {
        $(impl Answer for $answer {
            fn read(body: &str) -> Option<Self> {
                serde_json::from_str(body).ok()
            }
        })+
    };
}

answers!(Flow, NewSource, Source, Vec<Source>);
