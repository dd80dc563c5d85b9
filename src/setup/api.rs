//! The part of Flowdock's API that sets up a source: flows and their sources.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::operation::request;
use super::request::{Answer, ApiRequest};
use crate::http::{InvalidOption, Secret, check_base_url};

/// The options of [`FlowdockApi`].
#[derive(Clone)]
pub struct FlowdockApiOptions {
    base_url: String,
    access_token: String,
    allow_http: bool,
}

impl FlowdockApiOptions {
    /// Makes the options from the URL of the server and an access token of [`Tokens`](super::Tokens).
    #[must_use]
    pub fn new(base_url: impl Into<String>, access_token: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), access_token: access_token.into(), allow_http: false }
    }

    /// Allows plain http to a host that is not loopback. Everybody between here and that host can then read the token.
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

/// Finds flows and manages their sources, with the permission of a user.
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

/// The path of a flow in the API: `/flows/:organization/:flow`. Both are names for URLs (`parameterized_name`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowPath<'a> {
    /// The name of the organisation in URLs.
    pub organization: &'a str,
    /// The name of the flow in URLs.
    pub flow: &'a str,
}

/// A change of a source. A value that is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceChange<'a> {
    /// The text that tells people in the flow what is wrong with the source. An empty text removes it (docs).
    pub error_message: Option<&'a str>,
    /// The page where users configure the source (docs).
    pub configuration_url: Option<&'a str>,
}

impl FlowdockApi {
    /// Makes the requests with the permission of one user.
    ///
    /// # Errors
    /// When an option cannot be used. The error names the option and never shows a token. The access token may be empty
    /// if you use only [`update_source_by_token`](Self::update_source_by_token).
    pub fn new(options: FlowdockApiOptions) -> Result<Self, InvalidOption> {
        let FlowdockApiOptions { base_url, access_token, allow_http } = options;
        let base = check_base_url(&base_url, allow_http)?.to_owned();
        check_access_token(&access_token)?;
        let access_token = Some(access_token).filter(|token| !token.is_empty()).map(Secret::new);
        Ok(Self { base, access_token })
    }

    /// Makes the request for the flow with an id. The query of the setup URI contains this id.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn find_flow(&self, id: &str) -> Result<ApiRequest<Flow>, InvalidOption> {
        self.request("findFlow", &[("id", id)])
    }

    /// Makes the request for all sources that the user may see.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn sources(&self) -> Result<ApiRequest<Vec<Source>>, InvalidOption> {
        self.request("sources", &[])
    }

    /// Makes the request for the sources of a flow.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn flow_sources(&self, flow: FlowPath<'_>) -> Result<ApiRequest<Vec<Source>>, InvalidOption> {
        self.request("flowSources", &flow.values())
    }

    /// Makes the request that makes a source. Its answer contains the source's flow token, which no later answer shows
    /// again. It needs the scope `integration` (docs).
    ///
    /// `name` tells the source from other sources of the application; use the name of a project, for example.
    /// `external_url` is the URL of the project itself.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
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

    /// Makes the request for one source.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn source(&self, flow: FlowPath<'_>, id: &str) -> Result<ApiRequest<Source>, InvalidOption> {
        let [organization, flow] = flow.values();
        self.request("source", &[organization, flow, ("id", id)])
    }

    /// Makes the request that changes a source.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
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

    /// Makes the request that changes a source by its flow token, without an access token (docs).
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn update_source_by_token(
        &self,
        flow_token: &str,
        change: SourceChange<'_>,
    ) -> Result<ApiRequest<Source>, InvalidOption> {
        let values: Vec<_> = [("flowToken", flow_token)].into_iter().chain(change.values()).collect();
        request("updateSourceByToken", &self.base, None, &values)
    }

    /// Makes the request that removes a source. From then on, posting with its flow token gets a 410.
    ///
    /// # Errors
    /// When an argument is empty or would change the path of the request.
    pub fn delete_source(&self, flow: FlowPath<'_>, id: &str) -> Result<ApiRequest<()>, InvalidOption> {
        let [organization, flow] = flow.values();
        self.request("deleteSource", &[organization, flow, ("id", id)])
    }

    fn request<T>(&self, name: &str, values: &[(&str, &str)]) -> Result<ApiRequest<T>, InvalidOption> {
        request(name, &self.base, self.access_token.as_ref(), values)
    }
}

/// Checks that a text can be an access token: a header must be able to hold it.
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
    /// The id of the flow, as in the query of the setup URI.
    pub id: String,
    /// The name of the flow.
    #[serde(default)]
    pub name: String,
    /// The name of the flow in URLs.
    pub parameterized_name: String,
    /// The organisation that the flow belongs to.
    pub organization: Organization,
    /// All other keys that the server returned.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// An organisation, read tolerantly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Organization {
    /// The name of the organisation.
    #[serde(default)]
    pub name: String,
    /// The name of the organisation in URLs.
    pub parameterized_name: String,
    /// All other keys that the server returned.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A source, read tolerantly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Source {
    /// The id of the source, which is a number or a text on the wire. A configuration URI names it as `integration_id`.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The name of the source.
    #[serde(default)]
    pub name: String,
    /// All other keys that the server returned.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A source that was just made. Its `Debug` does not show its flow token.
#[derive(Clone, PartialEq, Deserialize)]
pub struct NewSource {
    /// The flow token, with which the source posts. Store it: no later answer shows it again.
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
    /// Returns the path of the flow in the API.
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
